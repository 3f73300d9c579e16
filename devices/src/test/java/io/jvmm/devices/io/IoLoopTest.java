package io.jvmm.devices.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.EventFd;
import io.jvmm.host.MemFd;
import io.jvmm.host.SyscallException;
import io.jvmm.host.epoll.Epoll;
import java.io.File;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class IoLoopTest {
  private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();

  private IoLoop start() {
    return IoLoop.start("io-test", (what, cause) -> failures.add(what + ": " + cause.getMessage()));
  }

  @Test
  void aReadyDescriptorCallsItsHandlerOnTheLoopThread() throws Exception {
    BlockingQueue<String> calls = new LinkedBlockingQueue<>();
    try (IoLoop loop = start();
        EventFd event = EventFd.create("event")) {
      loop.register(
          event.fd(),
          Epoll.EPOLLIN,
          (state, events) ->
              calls.add(
                  Thread.currentThread().getName()
                      + " "
                      + events
                      + " "
                      + event.drain(state)
                      + " "
                      + loop.isLoopThread()));
      event.signal(CallState.current());
      assertEquals("io-test " + Epoll.EPOLLIN + " 1 true", calls.take());
      event.signal(CallState.current());
      calls.take();
      assertFalse(loop.isLoopThread());
      loop.unregister(event.fd());
    }
    assertTrue(failures.isEmpty());
  }

  @Test
  void tasksRunInOrderOnTheLoopThread() throws Exception {
    BlockingQueue<Integer> order = new LinkedBlockingQueue<>();
    try (IoLoop loop = start()) {
      for (int i = 0; i < 1000; i++) {
        int number = i;
        loop.execute(() -> order.add(loop.isLoopThread() ? number : -1));
      }
      for (int i = 0; i < 1000; i++) {
        assertEquals(i, order.take());
      }
    }
  }

  @Test
  void tasksThatBringTasksLeaveTheDescriptorsTheirTurn() throws Exception {
    int chain = 1000;
    int[] ran = {0}; // loop thread only
    BlockingQueue<Integer> ranBefore = new LinkedBlockingQueue<>();
    CountDownLatch ended = new CountDownLatch(1);
    try (IoLoop loop = start();
        EventFd event = EventFd.create("event")) {
      loop.register(
          event.fd(),
          Epoll.EPOLLIN,
          (state, events) -> {
            event.drain(state);
            ranBefore.add(ran[0]);
          });
      Runnable link =
          new Runnable() {
            @Override
            public void run() {
              if (ran[0]++ == 0) {
                event.signal(CallState.current());
              }
              if (ran[0] < chain) {
                loop.execute(this);
              } else {
                ended.countDown();
              }
            }
          };
      loop.execute(link);
      assertTrue(ranBefore.take() <= 2, "the second may be in the turn in which the event is seen");
      ended.await(); // and none of them is forgotten
      loop.unregister(event.fd());
    }
  }

  @Test
  void afterUnregisterTheHandlerIsNotCalled() {
    AtomicInteger calls = new AtomicInteger();
    try (IoLoop loop = start();
        EventFd event = EventFd.create("event")) {
      loop.register(event.fd(), Epoll.EPOLLIN, (state, events) -> calls.incrementAndGet());
      event.signal(
          CallState.current()); // level-triggered and never drained: called again and again
      loop.unregister(event.fd());
      int before = calls.get();
      loop.register(event.fd(), 0, (state, events) -> calls.incrementAndGet());
      loop.unregister(event.fd());
      loop.unregister(event.fd());
      assertEquals(before, calls.get());
    }
  }

  @Test
  void modifyTurnsAWatchOffAndOn() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    try (IoLoop loop = start();
        EventFd event = EventFd.create("event")) {
      loop.register(
          event.fd(),
          0,
          (state, events) -> {
            event.drain(state);
            called.countDown();
          });
      event.signal(CallState.current());
      assertEquals(1, called.getCount());
      loop.modify(event.fd(), Epoll.EPOLLIN);
      called.await();
      loop.unregister(event.fd());
      assertThrows(
          IllegalStateException.class, () -> loop.modify(event.fd(), Epoll.EPOLLIN), "forgotten");
    }
  }

  @Test
  void aHandlerForgottenInTheSameTurnIsNotCalled() throws Exception {
    // Both are ready when the loop looks; whichever runs first forgets the other.
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch ran = new CountDownLatch(1);
    try (IoLoop loop = start();
        EventFd one = EventFd.create("one");
        EventFd two = EventFd.create("two")) {
      loop.execute(
          () -> {
            one.signal(CallState.current());
            two.signal(CallState.current());
            loop.register(one.fd(), Epoll.EPOLLIN, forgetting(loop, one, two, calls, ran));
            loop.register(two.fd(), Epoll.EPOLLIN, forgetting(loop, two, one, calls, ran));
          });
      ran.await();
      loop.unregister(one.fd());
      loop.unregister(two.fd());
      assertEquals(1, calls.get());
    }
  }

  private static IoHandler forgetting(
      IoLoop loop, EventFd own, EventFd other, AtomicInteger calls, CountDownLatch ran) {
    return (state, events) -> {
      own.drain(state);
      loop.unregister(other.fd());
      // Its slot is taken by a stranger, who must not get the event that was meant for it.
      loop.register(
          other.fd(),
          0,
          (s, e) -> {
            throw new AssertionError("an event of the slot's former owner");
          });
      calls.incrementAndGet();
      ran.countDown();
    };
  }

  @Test
  void aHandlerThatThrowsIsReportedAndTheLoopGoesOn() throws Exception {
    CountDownLatch other = new CountDownLatch(1);
    try (IoLoop loop = start();
        EventFd bad = EventFd.create("bad device");
        EventFd good = EventFd.create("good device")) {
      loop.register(
          bad.fd(),
          Epoll.EPOLLIN,
          (state, events) -> {
            throw new IllegalStateException("broken");
          });
      loop.register(
          good.fd(),
          Epoll.EPOLLIN,
          (state, events) -> {
            good.drain(state);
            other.countDown();
          });
      bad.signal(CallState.current()); // never drained: it would be ready for ever
      assertEquals("bad device: broken", failures.take());
      good.signal(CallState.current());
      other.await();
      loop.unregister(good.fd());
    }
    assertTrue(failures.isEmpty(), "reported once");
  }

  @Test
  void aTaskThatThrowsIsReported() throws Exception {
    try (IoLoop loop = start()) {
      loop.execute(
          () -> {
            throw new IllegalArgumentException("no");
          });
      assertEquals("task: no", failures.take());
    }
  }

  @Test
  void aRefusedRegistrationThrowsAtTheCaller() {
    try (IoLoop loop = start();
        var file = MemFd.create("file", 4096)) {
      SyscallException e =
          assertThrows(
              SyscallException.class,
              () -> loop.register(file, Epoll.EPOLLIN, (state, events) -> {}));
      assertTrue(e.is(Errno.EPERM), "a file cannot be waited for");
    }
    assertTrue(failures.isEmpty());
  }

  @Test
  void aSecondRegistrationOfADescriptorIsRefused() {
    try (IoLoop loop = start();
        EventFd event = EventFd.create("event")) {
      loop.register(event.fd(), Epoll.EPOLLIN, (state, events) -> {});
      assertThrows(
          IllegalStateException.class,
          () -> loop.register(event.fd(), Epoll.EPOLLIN, (state, events) -> {}));
      loop.unregister(event.fd());
    }
  }

  @Test
  void manyDescriptorsAreWatchedAtOnce() throws Exception {
    int count = 100; // more than one wait reports, more than the first table holds
    CountDownLatch all = new CountDownLatch(count);
    EventFd[] events = new EventFd[count];
    try (IoLoop loop = start()) {
      for (int i = 0; i < count; i++) {
        EventFd event = EventFd.create("event " + i);
        events[i] = event;
        loop.register(
            event.fd(),
            Epoll.EPOLLIN,
            (state, bits) -> {
              event.drain(state);
              all.countDown();
            });
      }
      for (EventFd event : events) {
        event.signal(CallState.current());
      }
      all.await();
      for (EventFd event : events) {
        loop.unregister(event.fd());
        event.close();
      }
    }
  }

  @Test
  void closeLeavesNoThreadAndNoDescriptor() {
    start().close(); // classes and the calling thread's state are loaded
    int before = openDescriptors();
    BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    IoLoop loop = start();
    loop.execute(() -> threads.add(Thread.currentThread()));
    loop.close();
    loop.close();
    Thread thread = threads.remove(); // tasks handed over before the close have run
    assertFalse(thread.isAlive());
    assertTrue(thread.isDaemon());
    assertEquals(before, openDescriptors());
  }

  @Test
  void aStoppedLoopRefusesWorkButForgetsWillingly() {
    IoLoop loop = start();
    loop.close();
    try (EventFd event = EventFd.create("event")) {
      assertThrows(RejectedExecutionException.class, () -> loop.execute(() -> {}));
      assertThrows(
          RejectedExecutionException.class,
          () -> loop.register(event.fd(), Epoll.EPOLLIN, (state, events) -> {}));
      loop.unregister(event.fd());
    }
  }

  @Test
  void theLoopCannotCloseItself() throws Exception {
    try (IoLoop loop = start()) {
      loop.execute(loop::close);
      assertEquals("task: io-test cannot close itself", failures.take());
    }
  }

  @Test
  void anInterruptedCallerStillWaitsForTheLoop() {
    IoLoop loop = start();
    Thread.currentThread().interrupt();
    BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    try (EventFd event = EventFd.create("event")) {
      loop.register(event.fd(), Epoll.EPOLLIN, (state, events) -> {});
      loop.execute(() -> threads.add(Thread.currentThread()));
      loop.close();
    }
    assertTrue(Thread.interrupted(), "the interrupt is still there");
    assertSame(Thread.State.TERMINATED, threads.remove().getState());
  }

  private static int openDescriptors() {
    String[] names = new File("/proc/self/fd").list();
    return names == null ? -1 : names.length;
  }

  @Test
  void whoAwaitsATaskWaitsUntilItSaysThatItIsDone() {
    AtomicInteger turns = new AtomicInteger();
    IoLoop loop = start();
    loop.executeAndAwait(
        done ->
            loop.execute(
                () -> {
                  turns.incrementAndGet();
                  done.run();
                }));
    assertEquals(1, turns.get(), "the first turn is not the end");
    loop.close();
    loop.executeAndAwait(done -> turns.incrementAndGet());
    assertEquals(1, turns.get(), "a loop that has ended does nothing");
  }

  @Test
  void whoAwaitsATaskThatThrowsGoesOnAndTheLoopReportsIt() {
    IoLoop loop = start();
    AtomicInteger runs = new AtomicInteger();
    assertTrue(loop.runAndAwait(runs::incrementAndGet));
    assertEquals(1, runs.get(), "it has ended when the wait has");
    assertTrue(
        loop.runAndAwait(
            () -> {
              throw new IllegalStateException("trouble");
            }));
    loop.close(); // what it has to report is told by now
    assertEquals("task: trouble", failures.poll());
    assertFalse(loop.runAndAwait(runs::incrementAndGet));
    assertEquals(1, runs.get(), "a loop that has ended does nothing");
  }

  @Test
  void deferredWorkComesAtTheEndOfTheTurnAndAgainWhereItAsksForThat() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try (IoLoop loop = start()) {
      int[] left = {2};
      IoHandler[] again = new IoHandler[1];
      again[0] =
          (state, events) -> {
            heard.add("deferred");
            if (left[0]-- > 0) {
              loop.defer(again[0]);
            }
          };
      loop.execute(
          () -> {
            loop.defer(again[0]);
            heard.add("first");
          });
      assertEquals("first", heard.take());
      assertEquals("deferred", heard.take());
      assertEquals("deferred", heard.take());
      assertEquals("deferred", heard.take());
    }
    assertTrue(heard.isEmpty());
    assertTrue(failures.isEmpty(), failures::toString);
  }

  @Test
  void deferredWorkThatThrowsIsReportedAndTheLoopGoesOn() throws Exception {
    try (IoLoop loop = start()) {
      loop.execute(
          () ->
              loop.defer(
                  (state, events) -> {
                    throw new IllegalStateException("later");
                  }));
      assertEquals("deferred work: later", failures.take());
      BlockingQueue<String> heard = new LinkedBlockingQueue<>();
      loop.execute(() -> heard.add("on"));
      assertEquals("on", heard.take());
    }
  }
}
