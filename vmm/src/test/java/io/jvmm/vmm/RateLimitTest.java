package io.jvmm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.RateLimiter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
  private static final long BYTES_MAX = 1L << 40;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-1 | 0 | 0 | 0 | #: -1 is not between 0 and 1000000000",
        "1000000001 | 0 | 0 | 0 | #: 1000000001 is not between 0 and 1000000000",
        "1 | -1 | 0 | 0 | #-burst: -1 is not between 0 and 1000000000",
        "1 | 1000000001 | 0 | 0 | #-burst: 1000000001 is not between 0 and 1000000000",
        "0 | 0 | -1 | 0 | @: -1 is not between 0 and 1099511627776",
        "0 | 0 | 1099511627777 | 0 | @: 1099511627777 is not between 0 and 1099511627776",
        "0 | 0 | 1 | -1 | @-burst: -1 is not between 0 and 1099511627776",
        "0 | 0 | 1 | 1099511627777 | @-burst: 1099511627777 is not between 0 and 1099511627776",
        "0 | 1 | 0 | 0 | #-burst: needs #",
        "0 | 0 | 0 | 1 | @-burst: needs @",
        "0 | 1 | 0 | -1 | @-burst: -1 is not between 0 and 1099511627776",
      })
  void aNumberOutOfRangeIsNamedAsWhoeverSetItKnowsIt(
      long operations, long operationsBurst, long bytes, long bytesBurst, String error) {
    assertRefused(
        error.replace("#", "iops").replace("@", "bps"),
        () -> RateLimit.ofDisk(operations, operationsBurst, bytes, bytesBurst));
    assertRefused(
        error.replace("#", "pps").replace("@", "bps"),
        () -> RateLimit.ofNet(operations, operationsBurst, bytes, bytesBurst));
    assertRefused(
        error.replace("#", "operations").replace("@", "bytes"),
        () -> new RateLimit(operations, operationsBurst, bytes, bytesBurst));
  }

  private static void assertRefused(String error, Runnable attempt) {
    assertEquals(error, assertThrows(MachineConfigException.class, attempt::run).getMessage());
  }

  @Test
  void theLargestNumbersAreALimit() {
    RateLimit largest = new RateLimit(1_000_000_000, 1_000_000_000, BYTES_MAX, BYTES_MAX);
    assertEquals(largest, RateLimit.ofDisk(1_000_000_000, 1_000_000_000, BYTES_MAX, BYTES_MAX));
    assertEquals(largest, RateLimit.ofNet(1_000_000_000, 1_000_000_000, BYTES_MAX, BYTES_MAX));
  }

  @Test
  void whatHasNoRateHasNoLimit() {
    assertFalse(RateLimit.UNLIMITED.isLimited());
    assertEquals(RateLimit.UNLIMITED, RateLimit.ofDisk(0, 0, 0, 0));
    assertNull(RateLimit.ofNet(0, 0, 0, 0).limiterIfLimited());
    assertTrue(new RateLimit(1, 0, 0, 0).isLimited());
    assertTrue(new RateLimit(0, 0, 1, 0).isLimited());
  }

  @Test
  void eachNumberReachesWhatHoldsTheGuestToIt() {
    RateLimiter operations = limiter(new RateLimit(1, 2, 0, 0));
    RateLimiter bytes = limiter(new RateLimit(0, 0, 1, 3));
    long now = System.nanoTime();
    assertEquals(0, operations.tryPass(0, now));
    assertEquals(0, operations.tryPass(RateLimiter.BYTES_MAX, now));
    assertTrue(operations.tryPass(0, now) > 0, "a burst of two, then one a second");
    assertEquals(0, bytes.tryPass(1, now));
    assertEquals(0, bytes.tryPass(2, now));
    assertTrue(bytes.tryPass(1, now) > 0, "a burst of three, then one a second");
  }

  private static RateLimiter limiter(RateLimit limit) {
    RateLimiter limiter = limit.limiterIfLimited();
    assertNotNull(limiter);
    return limiter;
  }
}
