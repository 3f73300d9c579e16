package io.jvmm.vmm;

import io.jvmm.devices.io.RateLimiter;
import org.jspecify.annotations.Nullable;

/**
 * What a guest may ask of a disk, or send or be given by a network device. After a pause as much
 * may go at once as a burst holds, and from then on the rate.
 *
 * @param operations a second; 0 for any number. Of a disk: reads, writes, flushes, discards and
 *     zeroes. Of a network device: frames, and with offloads one may be of 64 KiB that the wire
 *     would cut
 * @param operationsBurst at once; 0 for a tenth of a second's, 1 at least
 * @param bytes a second; 0 for any number. Of a disk: what is read, written or zeroed
 * @param bytesBurst at once; 0 for a tenth of a second's
 */
public record RateLimit(long operations, long operationsBurst, long bytes, long bytesBurst) {
  /** No limit. */
  public static final RateLimit UNLIMITED = new RateLimit(0, 0, 0, 0);

  /** An operation a nanosecond, more than any disk or wire has. */
  public static final long OPERATIONS_MAX = 1_000_000_000L;

  /** A TiB a second, more than any memory has. */
  public static final long BYTES_MAX = 1L << 40;

  /**
   * Checks every limit.
   *
   * @throws MachineConfigException naming the value and the limit
   */
  public RateLimit {
    check("operations", operations, operationsBurst, "bytes", bytes, bytesBurst);
  }

  /**
   * Of a disk, by the names that its options have.
   *
   * @throws MachineConfigException naming the option, the value and the limit
   */
  public static RateLimit ofDisk(long iops, long iopsBurst, long bps, long bpsBurst) {
    check("iops", iops, iopsBurst, "bps", bps, bpsBurst);
    return new RateLimit(iops, iopsBurst, bps, bpsBurst);
  }

  /**
   * Of one direction of a network device, by the names that its options have.
   *
   * @throws MachineConfigException naming the option, the value and the limit
   */
  public static RateLimit ofNet(long pps, long ppsBurst, long bps, long bpsBurst) {
    check("pps", pps, ppsBurst, "bps", bps, bpsBurst);
    return new RateLimit(pps, ppsBurst, bps, bpsBurst);
  }

  private static void check(
      String first, long operations, long operationsBurst, String second, long bytes, long burst) {
    checkRange(first, operations, operationsBurst, OPERATIONS_MAX);
    checkRange(second, bytes, burst, BYTES_MAX);
    checkBurst(first, operations, operationsBurst);
    checkBurst(second, bytes, burst);
  }

  private static void checkRange(String name, long rate, long burst, long max) {
    if (rate < 0 || rate > max) {
      throw new MachineConfigException(name + ": " + rate + " is not between 0 and " + max);
    }
    if (burst < 0 || burst > max) {
      throw new MachineConfigException(name + "-burst: " + burst + " is not between 0 and " + max);
    }
  }

  private static void checkBurst(String name, long rate, long burst) {
    if (rate == 0 && burst != 0) {
      throw new MachineConfigException(name + "-burst: needs " + name);
    }
  }

  /** Whether there is any limit. */
  public boolean isLimited() {
    return operations != 0 || bytes != 0;
  }

  /** What holds a guest to it, from now on; without any limit it lets everything through. */
  RateLimiter limiter() {
    return new RateLimiter(operations, operationsBurst, bytes, bytesBurst, System.nanoTime());
  }

  /** The same, or null where there is nothing to hold it to. */
  @Nullable RateLimiter limiterIfLimited() {
    return isLimited() ? limiter() : null;
  }
}
