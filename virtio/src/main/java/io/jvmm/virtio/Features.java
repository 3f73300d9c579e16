package io.jvmm.virtio;

/**
 * Feature bits that belong to no device type (virtio 1.2, 6), as masks of the 64-bit feature set.
 */
public final class Features {
  /** Indirect descriptor tables (2.7.5.3). */
  public static final long VIRTIO_F_RING_INDIRECT_DESC = 1L << 28;

  /** {@code used_event} and {@code avail_event} (2.7.7, 2.7.10). */
  public static final long VIRTIO_F_RING_EVENT_IDX = 1L << 29;

  /** Not a legacy device; without it the driver is refused. */
  public static final long VIRTIO_F_VERSION_1 = 1L << 32;

  /**
   * Buffers are used in the order in which they were made available (2.7.9). Every split queue here
   * can; a device offers it where it works in order anyway, since a slow request holds back all
   * that came after it.
   */
  public static final long VIRTIO_F_IN_ORDER = 1L << 35;

  /**
   * One queue can be reset while the others live (2.6.1). A device offers it where it has {@link
   * VirtioDevice#resetQueue}.
   */
  public static final long VIRTIO_F_RING_RESET = 1L << 40;

  /** What every split queue here can do, for devices to offer. */
  public static final long SPLIT_RING = VIRTIO_F_RING_INDIRECT_DESC | VIRTIO_F_RING_EVENT_IDX;

  private Features() {}

  /** Whether {@code set} has every bit of {@code mask}. */
  public static boolean has(long set, long mask) {
    return (set & mask) == mask;
  }
}
