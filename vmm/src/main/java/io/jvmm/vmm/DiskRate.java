package io.jvmm.vmm;

/**
 * What a guest may ask of a disk. After a pause it may go on at once for as much as a burst holds,
 * and from then on at the rate.
 *
 * @param operations a second: reads, writes, flushes, discards and zeroes; 0 for any number
 * @param operationsBurst at once; 0 for a tenth of a second's, 1 at least
 * @param bytes a second that are read, written or zeroed; 0 for any number
 * @param bytesBurst at once; 0 for a tenth of a second's
 */
public record DiskRate(long operations, long operationsBurst, long bytes, long bytesBurst) {
  /** No limit. */
  public static final DiskRate UNLIMITED = new DiskRate(0, 0, 0, 0);

  /** An operation a nanosecond, more than any disk has. */
  public static final long OPERATIONS_MAX = 1_000_000_000L;

  /** A TiB a second, more than any memory has. */
  public static final long BYTES_MAX = 1L << 40;

  /**
   * Checks every limit.
   *
   * @throws MachineConfigException naming the value and the limit
   */
  public DiskRate {
    check("iops", operations, OPERATIONS_MAX);
    check("iops-burst", operationsBurst, OPERATIONS_MAX);
    check("bps", bytes, BYTES_MAX);
    check("bps-burst", bytesBurst, BYTES_MAX);
    if (operations == 0 && operationsBurst != 0) {
      throw new MachineConfigException("iops-burst: needs iops");
    }
    if (bytes == 0 && bytesBurst != 0) {
      throw new MachineConfigException("bps-burst: needs bps");
    }
  }

  private static void check(String name, long value, long max) {
    if (value < 0 || value > max) {
      throw new MachineConfigException(name + ": " + value + " is not between 0 and " + max);
    }
  }

  /** Whether there is any limit. */
  public boolean isLimited() {
    return operations != 0 || bytes != 0;
  }
}
