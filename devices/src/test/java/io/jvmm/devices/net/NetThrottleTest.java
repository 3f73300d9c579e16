package io.jvmm.devices.net;

import static io.jvmm.devices.driver.DeviceUnderTest.DATA;
import static io.jvmm.devices.net.NetUnderTest.PLAIN;
import static io.jvmm.devices.net.NetUnderTest.RX;
import static io.jvmm.devices.net.NetUnderTest.TX;
import static io.jvmm.devices.net.NetUnderTest.behindHeader;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.RateLimiter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Limits by a clock of the test's: a timer goes off soon, and asks it. */
class NetThrottleTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong clock = new AtomicLong();

  private NetUnderTest limited(boolean isReceive, long framesPerSecond) {
    return limited(isReceive, new RateLimiter(framesPerSecond, 1, 0, 0, 0));
  }

  private NetUnderTest limited(boolean isReceive, RateLimiter limiter) {
    return new NetUnderTest(
        new ScriptedWire(true, 1),
        options ->
            options
                .withClock(() -> clock.getAndAdd(SECOND / 1000)) // a look takes a millisecond
                .withLimiters(isReceive ? limiter : null, isReceive ? null : limiter));
  }

  @Test
  void framesToTheGuestWaitForTheirTimeAndNoneIsLost() {
    try (NetUnderTest net = limited(true, 100).start(PLAIN)) {
      for (int i = 0; i < 5; i++) {
        net.device.queue(RX).chain().write(DATA + 2048L * i, 2048).submit();
        net.arrive(behindHeader(net.frame(60 + i), 0));
      }
      for (int i = 0; i < 5; i++) {
        net.device.awaitUsed(RX);
        assertEquals(72 + i, net.device.queue(RX).reapedLength());
      }
      assertTrue(net.device.counter("receive.throttled") >= 4);
    }
  }

  @Test
  void framesOfTheGuestWaitForTheirTimeAndNoneIsLost() {
    try (NetUnderTest net = limited(false, 100).start(PLAIN)) {
      for (int i = 0; i < 5; i++) {
        net.device.queue(TX).chain().read(DATA, 72 + i).submit();
      }
      net.device.ring(TX);
      for (int i = 0; i < 5; i++) {
        net.device.awaitUsed(TX);
      }
      assertEquals(5, net.wire.sent.size());
      for (int i = 0; i < 5; i++) {
        assertEquals(72 + i, net.wire.sent.get(i).length);
      }
      assertTrue(net.device.counter("transmit.throttled") >= 4);
    }
  }

  @Test
  void bytesAreLimitedByTheLengthsOfFramesWithoutTheirHeaders() {
    RateLimiter limiter = new RateLimiter(0, 0, 1, 100, 0); // a byte a second: what is in the burst
    try (NetUnderTest net = limited(false, limiter).start(PLAIN)) {
      for (int i = 0; i < 3; i++) {
        net.device.queue(TX).chain().read(DATA, NetHeader.SIZE + 50).submit();
      }
      net.device.ring(TX);
      net.device.awaitUsed(TX);
      net.device.awaitUsed(TX); // 100 bytes, where headers would make it 124
      net.device.settle();
      assertFalse(net.device.queue(TX).reap());
      assertEquals(1, net.device.counter("transmit.throttled"));
    }
    limiter = new RateLimiter(0, 0, 1, 100, 0);
    try (NetUnderTest net = limited(true, limiter).start(PLAIN)) {
      for (int i = 0; i < 3; i++) {
        net.device.queue(RX).chain().write(DATA + 2048L * i, 2048).submit();
        net.arrive(behindHeader(net.frame(50), 0));
      }
      net.device.awaitUsed(RX);
      net.device.awaitUsed(RX);
      assertFalse(net.device.queue(RX).reap());
      assertEquals(1, net.device.counter("receive.throttled"));
    }
  }

  @Test
  void aResetEndsTheWaiting() {
    try (NetUnderTest net = limited(false, 1).start(PLAIN)) {
      net.device.queue(TX).chain().read(DATA, 72).submit();
      net.device.queue(TX).chain().read(DATA, 72).submit();
      net.device.ring(TX);
      net.device.awaitUsed(TX);
      net.device.driver.reset();
      clock.addAndGet(10 * SECOND);
      net.start(PLAIN);
      net.device.queue(TX).chain().read(DATA, 80).submit();
      net.device.exchange(TX);
      assertEquals(2, net.wire.sent.size());
    }
  }
}
