package io.jvmm.virtio.pci;

/** What lies where in the one BAR of a virtio function; a page each. */
public final class PciBar {
  /** The common configuration (virtio 1.2, 4.1.4.3). */
  public static final int COMMON = 0x0000;

  /** The ISR status (4.1.4.5). */
  public static final int ISR = 0x1000;

  /** The device's own configuration (4.1.4.6). */
  public static final int DEVICE = 0x2000;

  /** The doorbells (4.1.4.4): the machine puts an ioeventfd at each queue's. */
  public static final int NOTIFY = 0x3000;

  /** Bytes from one queue's doorbell to the next one's. */
  public static final int NOTIFY_MULTIPLIER = 4;

  /** The MSI-X table. */
  public static final int MSIX_TABLE = 0x4000;

  /** The MSI-X pending bits. */
  public static final int MSIX_PENDING = 0x5000;

  /** Bytes of each part. */
  public static final int PART_SIZE = 0x1000;

  /** Bytes of the BAR, a power of two. */
  public static final int SIZE = 0x8000;

  /** The most queues of a function, each with its entry in the table beside the configuration's. */
  public static final int QUEUES_MAX = PART_SIZE / MsixTable.ENTRY_SIZE - 1;

  private PciBar() {}
}
