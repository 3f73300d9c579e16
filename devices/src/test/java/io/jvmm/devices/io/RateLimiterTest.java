package io.jvmm.devices.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
  private static final long SECOND = 1_000_000_000L;

  /** System.nanoTime may wrap round, here soon. */
  private static final long START = Long.max(Long.MAX_VALUE - 5 * SECOND, 0);

  @Test
  void withoutARateEverythingPasses() {
    RateLimiter limiter = new RateLimiter(0, 0, 0, 0, START);
    for (int i = 0; i < 1000; i++) {
      assertEquals(0, limiter.tryPass(RateLimiter.BYTES_MAX, START));
    }
  }

  @Test
  void aBurstPassesAtOnceAndThenOneAtATime() {
    RateLimiter limiter = new RateLimiter(100, 10, 0, 0, START);
    for (int i = 0; i < 10; i++) {
      assertEquals(0, limiter.tryPass(4096, START));
    }
    assertEquals(SECOND / 100, limiter.tryPass(4096, START));
    assertEquals(1, limiter.tryPass(4096, START + SECOND / 100 - 1));
    assertEquals(0, limiter.tryPass(4096, START + SECOND / 100));
    assertEquals(SECOND / 100, limiter.tryPass(4096, START + SECOND / 100));
  }

  @Test
  void aPauseFillsTheBucketAndNoMore() {
    RateLimiter limiter = new RateLimiter(100, 10, 0, 0, START);
    long later = START + 3600 * SECOND;
    int passed = 0;
    while (limiter.tryPass(0, later) == 0) {
      passed++;
    }
    assertEquals(10, passed);
  }

  @Test
  void bothOperationsAndBytesMustBeThere() {
    RateLimiter limiter = new RateLimiter(1000, 100, 1 << 20, 8192, START);
    assertEquals(0, limiter.tryPass(4096, START));
    assertEquals(0, limiter.tryPass(4096, START));
    long wait = limiter.tryPass(4096, START);
    assertEquals(SECOND * 4096 / (1 << 20), wait);
    assertEquals(0, limiter.tryPass(0, START), "an operation without bytes");
    assertEquals(0, limiter.tryPass(4096, START + wait));
  }

  @Test
  void whatIsRefusedCostsNothing() {
    RateLimiter limiter = new RateLimiter(10, 1, 1000, 1000, START);
    assertEquals(0, limiter.tryPass(1000, START));
    for (int i = 0; i < 100; i++) {
      assertEquals(SECOND, limiter.tryPass(1000, START));
    }
    assertEquals(0, limiter.tryPass(1000, START + SECOND));
  }

  @Test
  void anOperationBiggerThanTheBucketPassesAndIsPaidForAfterwards() {
    RateLimiter limiter = new RateLimiter(0, 0, 1000, 100, START);
    assertEquals(0, limiter.tryPass(5000, START));
    long wait = limiter.tryPass(1, START);
    assertTrue(wait > 4 * SECOND && wait <= 5 * SECOND, "waits " + wait);
    long again = limiter.tryPass(5000, START);
    assertEquals(5 * SECOND, again);
    assertEquals(0, limiter.tryPass(5000, START + again));
  }

  @Test
  void theBurstIsATenthOfASecondWhereNothingIsSaid() {
    RateLimiter limiter = new RateLimiter(500, 0, 0, 0, START);
    int passed = 0;
    while (limiter.tryPass(0, START) == 0) {
      passed++;
    }
    assertEquals(50, passed);
    RateLimiter slow = new RateLimiter(1, 0, 0, 0, START);
    assertEquals(0, slow.tryPass(0, START));
    assertEquals(SECOND, slow.tryPass(0, START));
  }

  /** Whatever the sizes and the times of asking: never more than burst and rate allow. */
  @Test
  void overAnyTimeItLetsThroughTheRateAndNoMore() {
    Random random = new Random(9);
    for (int round = 0; round < 200; round++) {
      long rate = 1 + random.nextLong(1L << random.nextInt(1, 38));
      long burst = 1 + random.nextLong(1L << random.nextInt(1, 24));
      RateLimiter limiter = new RateLimiter(0, 0, rate, burst, START);
      int size = 1 + random.nextInt((int) Math.min(burst, 1 << 20));
      long now = START;
      double passed = 0;
      for (int i = 0; i < 2000; i++) {
        long wait = limiter.tryPass(size, now);
        if (wait == 0) {
          passed += size;
        } else {
          now += random.nextBoolean() ? wait : 1 + random.nextLong(wait);
        }
      }
      double seconds = (double) (now - START) / SECOND;
      double allowed = burst + rate * seconds + rate * 4e-9;
      assertTrue(passed <= allowed * 1.000001 + 1, passed + " of " + allowed);
    }
  }

  /** Asking as soon as it may, it is not slower than the rate either. */
  @Test
  void whoAsksInTimeGetsTheWholeRate() {
    RateLimiter limiter = new RateLimiter(0, 0, 3_000_000_007L, 4096, START);
    long now = START;
    for (int i = 0; i < 100_000; i++) {
      long wait = limiter.tryPass(512, now);
      if (wait > 0) {
        now += wait;
        assertEquals(0, limiter.tryPass(512, now));
      }
    }
    double rate = 100_000 * 512.0 * SECOND / (now - START);
    assertEquals(3_000_000_007.0, rate, 3_000_000_007.0 / 1000);
  }

  @Test
  void negativeRatesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new RateLimiter(-1, 0, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new RateLimiter(1, -1, 0, 0, 0));
  }
}
