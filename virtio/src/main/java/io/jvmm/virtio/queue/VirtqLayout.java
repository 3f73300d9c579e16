package io.jvmm.virtio.queue;

/**
 * Where everything of a split virtqueue lies (virtio 1.2, 2.7): the only place with offset
 * arithmetic. All values little-endian.
 *
 * <pre>
 * descriptor table      available ring (driver)    used ring (device)
 *  0  le64 addr          0  le16 flags              0  le16 flags
 *  8  le32 len           2  le16 idx                2  le16 idx
 * 12  le16 flags         4  le16 ring[size]         4  { le32 id, le32 len } ring[size]
 * 14  le16 next             le16 used_event            le16 avail_event
 * </pre>
 */
public final class VirtqLayout {
  /** The most descriptors a split queue may have (2.7). */
  public static final int MAX_QUEUE_SIZE = 32768;

  /** {@code struct virtq_desc} (2.7.5). */
  public static final int DESC_SIZE = 16;

  /** le64: guest physical. */
  public static final int DESC_ADDR = 0;

  /** le32 {@code len}, le16 {@code flags}, le16 {@code next}, read as one le64. */
  public static final int DESC_LEN_FLAGS_NEXT = 8;

  /** The chain goes on at {@code next}. */
  public static final int VIRTQ_DESC_F_NEXT = 1;

  /** For the device to write; else to read. */
  public static final int VIRTQ_DESC_F_WRITE = 2;

  /** The buffer is a table of descriptors. */
  public static final int VIRTQ_DESC_F_INDIRECT = 4;

  /** le16. */
  public static final int AVAIL_FLAGS = 0;

  /** le16: where the driver would put the next entry, modulo 2^16. */
  public static final int AVAIL_IDX = 2;

  /** le16 each. */
  public static final int AVAIL_RING = 4;

  /** The driver wants no interrupts; a hint (2.7.6). */
  public static final int VIRTQ_AVAIL_F_NO_INTERRUPT = 1;

  /** le16. */
  public static final int USED_FLAGS = 0;

  /** le16: where the device would put the next entry, modulo 2^16. */
  public static final int USED_IDX = 2;

  /** {@code struct virtq_used_elem} each. */
  public static final int USED_RING = 4;

  /** le32 {@code id}, le32 {@code len}, written as one le64. */
  public static final int USED_ELEM_SIZE = 8;

  /** The device wants no doorbell; a hint (2.7.8). */
  public static final int VIRTQ_USED_F_NO_NOTIFY = 1;

  /** Where each part must be aligned to (2.7). */
  public static final int DESC_ALIGNMENT = 16;

  /** As {@link #DESC_ALIGNMENT}. */
  public static final int AVAIL_ALIGNMENT = 2;

  /** As {@link #DESC_ALIGNMENT}. */
  public static final int USED_ALIGNMENT = 4;

  private VirtqLayout() {}

  /** Bytes of the descriptor table. */
  public static long descTableLength(int size) {
    return (long) size * DESC_SIZE;
  }

  /** Bytes of the available ring, {@code used_event} included. */
  public static long availLength(int size) {
    return usedEvent(size) + Short.BYTES;
  }

  /** Bytes of the used ring, {@code avail_event} included. */
  public static long usedLength(int size) {
    return availEvent(size) + Short.BYTES;
  }

  /** Where {@code used_event} lies in the available ring. */
  public static long usedEvent(int size) {
    return AVAIL_RING + (long) size * Short.BYTES;
  }

  /** Where {@code avail_event} lies in the used ring. */
  public static long availEvent(int size) {
    return USED_RING + (long) size * USED_ELEM_SIZE;
  }

  /** Whether a driver may choose this size (2.7). */
  public static boolean isQueueSize(int size) {
    return size > 0 && size <= MAX_QUEUE_SIZE && (size & (size - 1)) == 0;
  }
}
