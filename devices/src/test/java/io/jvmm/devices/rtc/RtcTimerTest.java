package io.jvmm.devices.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.host.epoll.Epoll;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RtcTimerTest {
  private static final int CHANGES = 1000;

  /** A guest that always gets in between, played on the io thread itself. */
  @Test
  void aScheduleThatKeepsChangingLeavesOthersTheirTurn() throws Exception {
    CompletableFuture<RtcTimer> made = new CompletableFuture<>();
    AtomicInteger looks = new AtomicInteger();
    CountDownLatch ended = new CountDownLatch(1);
    int[] seen = {0, 0}; // loop thread only: looks when the other was called last, the most between
    try (IoLoop loop = IoLoop.start("io-test", (what, cause) -> {});
        EventFd other = EventFd.create("another device")) {
      other.signal(CallState.current()); // never drained: it is called once a turn
      loop.register(
          other.fd(),
          Epoll.EPOLLIN,
          (state, events) -> {
            seen[1] = Math.max(seen[1], looks.get() - seen[0]);
            seen[0] = looks.get();
          });
      RtcTimer timer =
          new RtcTimer(
              () -> {
                int look = looks.incrementAndGet();
                if (look < CHANGES) {
                  made.join().follow(eachSecondFrom(look));
                } else {
                  ended.countDown();
                }
                return 0;
              },
              loop,
              state -> {});
      made.complete(timer);
      timer.begin();
      timer.follow(eachSecondFrom(0));
      ended.await(); // no change is overlooked
      loop.unregister(other.fd());
      timer.close();
      assertTrue(seen[1] <= 2, "looks in a turn: " + seen[1]);
      assertEquals(CHANGES, looks.get());
    }
  }

  private static RtcSchedule eachSecondFrom(int second) {
    return new RtcSchedule(RtcAlarm.NEVER, false, true, 0, second);
  }
}
