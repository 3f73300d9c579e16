package io.jvmm.vmm;

/**
 * What may go through a network device in one direction. After a pause as much may go at once as a
 * burst holds, and from then on the rate.
 *
 * @param frames a second; 0 for any number. With offloads a frame may be one of 64 KiB that the
 *     wire would cut
 * @param framesBurst at once; 0 for a tenth of a second's, 1 at least
 * @param bytes a second; 0 for any number
 * @param bytesBurst at once; 0 for a tenth of a second's
 */
public record NetRate(long frames, long framesBurst, long bytes, long bytesBurst) {
  /** No limit. */
  public static final NetRate UNLIMITED = new NetRate(0, 0, 0, 0);

  /** A frame a nanosecond, more than any wire has. */
  public static final long FRAMES_MAX = 1_000_000_000L;

  /** A TiB a second, more than any memory has. */
  public static final long BYTES_MAX = 1L << 40;

  /**
   * Checks every limit.
   *
   * @throws MachineConfigException naming the value and the limit
   */
  public NetRate {
    check("pps", frames, FRAMES_MAX);
    check("pps-burst", framesBurst, FRAMES_MAX);
    check("bps", bytes, BYTES_MAX);
    check("bps-burst", bytesBurst, BYTES_MAX);
    if (frames == 0 && framesBurst != 0) {
      throw new MachineConfigException("pps-burst: needs pps");
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
    return frames != 0 || bytes != 0;
  }
}
