package io.jvmm.host.epoll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.EventFd;
import io.jvmm.host.Fd;
import io.jvmm.host.MemFd;
import io.jvmm.host.SyscallException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EpollTest {
  private final CallState state = CallState.current();

  @Test
  void eachReadyDescriptorComesWithItsData() {
    try (Epoll epoll = Epoll.create("epoll", 4);
        EventFd one = EventFd.create("one");
        EventFd two = EventFd.create("two")) {
      epoll.add(one.fd(), Epoll.EPOLLIN, -1L);
      epoll.add(two.fd(), Epoll.EPOLLIN | Epoll.EPOLLOUT, 0x1234_5678_9ABC_DEF0L);
      one.signal(state);
      assertEquals(2, epoll.await(state, -1));
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < 2; i++) {
        seen.add(Long.toHexString(epoll.data(i)) + " " + epoll.events(i));
      }
      assertEquals(
          Set.of("ffffffffffffffff " + Epoll.EPOLLIN, "123456789abcdef0 " + Epoll.EPOLLOUT), seen);
    }
  }

  @Test
  void aWaitReportsNoMoreThanItsCapacity() {
    try (Epoll epoll = Epoll.create("epoll", 1);
        EventFd one = EventFd.create("one");
        EventFd two = EventFd.create("two")) {
      epoll.add(one.fd(), Epoll.EPOLLOUT, 1);
      epoll.add(two.fd(), Epoll.EPOLLOUT, 2);
      assertEquals(1, epoll.await(state, -1));
      long first = epoll.data(0);
      assertEquals(1, epoll.await(state, -1));
      assertEquals(3 - first, epoll.data(0), "in turn");
    }
  }

  @Test
  void modifiedAndRemovedDescriptorsAreHeardAccordingly() {
    try (Epoll epoll = Epoll.create("epoll", 4);
        EventFd event = EventFd.create("event")) {
      epoll.add(event.fd(), Epoll.EPOLLIN, 1);
      assertEquals(0, epoll.await(state, 0));
      epoll.modify(event.fd(), Epoll.EPOLLOUT, 2);
      assertEquals(1, epoll.await(state, 0));
      assertEquals(2, epoll.data(0));
      epoll.remove(event.fd());
      assertEquals(0, epoll.await(state, 0));
    }
  }

  @Test
  void edgesAreToldOnce() {
    try (Epoll epoll = Epoll.create("epoll", 4);
        EventFd event = EventFd.create("event")) {
      epoll.add(event.fd(), Epoll.EPOLLIN | Epoll.EPOLLET, 1);
      event.signal(state);
      assertEquals(1, epoll.await(state, 0));
      assertEquals(0, epoll.await(state, 0));
      event.signal(state);
      assertEquals(1, epoll.await(state, 0));
    }
  }

  @Test
  void whatCannotBeWaitedForIsRefusedByName() {
    try (Epoll epoll = Epoll.create("epoll", 4);
        Fd file = MemFd.create("disk", 4096);
        EventFd event = EventFd.create("event")) {
      SyscallException e =
          assertThrows(SyscallException.class, () -> epoll.add(file, Epoll.EPOLLIN, 0));
      assertEquals("epoll_ctl(EPOLL_CTL_ADD) on disk: EPERM (1)", e.getMessage());
      epoll.add(event.fd(), Epoll.EPOLLIN, 0);
      e = assertThrows(SyscallException.class, () -> epoll.add(event.fd(), Epoll.EPOLLIN, 0));
      assertEquals(Errno.EEXIST, e.errno());
    }
  }

  @Test
  void closingTwiceIsNoError() {
    Epoll epoll = Epoll.create("epoll", 1);
    epoll.close();
    epoll.close();
    assertThrows(IllegalStateException.class, () -> epoll.await(state, 0));
  }
}
