package io.jvmm.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.epoll.Epoll;
import org.junit.jupiter.api.Test;

class EventFdTest {
  private final CallState state = CallState.current();

  @Test
  void signalsAreCountedAndDrainedAtOnce() {
    try (EventFd event = EventFd.create("event")) {
      assertEquals(0, event.drain(state), "does not wait");
      event.signal(state);
      event.signal(state);
      event.signal(state);
      assertEquals(3, event.drain(state));
      assertEquals(0, event.drain(state));
    }
  }

  @Test
  void aTimerGoesOffOnce() {
    try (TimerFd timer = TimerFd.create("timer");
        Epoll epoll = Epoll.create("epoll", 1)) {
      epoll.add(timer.fd(), Epoll.EPOLLIN, 0);
      assertEquals(0, epoll.await(state, 0));
      timer.set(state, 0);
      assertEquals(1, epoll.await(state, -1));
      assertTrue(timer.drain(state));
      assertFalse(timer.drain(state));
      assertEquals(0, epoll.await(state, 0));
      timer.set(state, -5);
      assertEquals(1, epoll.await(state, -1), "a time in the past is now");
    }
  }

  @Test
  void aCancelledTimerDoesNotGoOff() {
    try (TimerFd timer = TimerFd.create("timer");
        Epoll epoll = Epoll.create("epoll", 1)) {
      epoll.add(timer.fd(), Epoll.EPOLLIN, 0);
      timer.set(state, 0);
      assertEquals(1, epoll.await(state, -1));
      timer.cancel(state);
      assertEquals(0, epoll.await(state, 0));
    }
  }
}
