package io.jvmm.devices.block;

import io.jvmm.virtio.Features;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the device offers, and its configuration space (virtio 1.2, 5.2.3 and 5.2.4). Immutable.
 *
 * <pre>
 *  0  le64 capacity (sectors)     20  le32 blk_size      34  le16 num_queues
 *  8  le32 size_max               24  topology
 * 12  le32 seg_max                32  u8 writeback
 * 16  geometry                    33  u8 unused
 * </pre>
 */
final class BlockConfig {
  /** The unit of every address and length, whatever the block size (5.2.4). */
  static final int SECTOR_SIZE = 512;

  static final long VIRTIO_BLK_F_SIZE_MAX = 1L << 1;
  static final long VIRTIO_BLK_F_SEG_MAX = 1L << 2;
  static final long VIRTIO_BLK_F_RO = 1L << 5;
  static final long VIRTIO_BLK_F_BLK_SIZE = 1L << 6;
  static final long VIRTIO_BLK_F_FLUSH = 1L << 9;

  /** What Linux keeps in flight by default; a power of two. */
  static final int QUEUE_SIZE = 256;

  /** Data buffers in a request: with header and status, two such requests fill a queue. */
  static final int SEG_MAX = QUEUE_SIZE / 2 - 2;

  /** Bytes of a data buffer. FreeBSD refuses a disk that has less than its MAXPHYS here. */
  static final int SIZE_MAX = 1 << 20;

  /**
   * Bytes of data in a request, which a driver that keeps to {@link #SEG_MAX} and {@link #SIZE_MAX}
   * does not reach. A backend may do a request in one go, and what else is on its thread waits
   * meanwhile: from the page cache some tens of milliseconds.
   */
  static final long REQUEST_MAX = 128L << 20;

  private static final int CAPACITY_OFFSET = 0;
  private static final int SIZE_MAX_OFFSET = 8;
  private static final int SEG_MAX_OFFSET = 12;
  private static final int BLK_SIZE_OFFSET = 20;
  private static final int NUM_QUEUES_OFFSET = 34;
  private static final int LENGTH = 36;

  private final long capacity;
  private final boolean readOnly;
  private final ByteBuffer space;

  /**
   * A disk over a backend of {@code length} bytes; what is less than a sector at its end is left
   * out.
   */
  BlockConfig(long length, boolean readOnly) {
    this.capacity = length / SECTOR_SIZE;
    this.readOnly = readOnly;
    this.space = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    space.putLong(CAPACITY_OFFSET, capacity);
    space.putInt(SIZE_MAX_OFFSET, SIZE_MAX);
    space.putInt(SEG_MAX_OFFSET, SEG_MAX);
    space.putInt(BLK_SIZE_OFFSET, SECTOR_SIZE);
    space.putShort(NUM_QUEUES_OFFSET, (short) 1);
  }

  /** In sectors. */
  long capacity() {
    return capacity;
  }

  boolean isReadOnly() {
    return readOnly;
  }

  long features() {
    long features =
        Features.VIRTIO_F_VERSION_1
            | Features.SPLIT_RING
            | VIRTIO_BLK_F_SIZE_MAX
            | VIRTIO_BLK_F_SEG_MAX
            | VIRTIO_BLK_F_BLK_SIZE
            | VIRTIO_BLK_F_FLUSH;
    return readOnly ? features | VIRTIO_BLK_F_RO : features;
  }

  /** Whether {@code length} bytes from {@code sector} are whole sectors of the disk. */
  boolean isInside(long sector, long length) {
    return Long.compareUnsigned(sector, capacity) <= 0
        && length % SECTOR_SIZE == 0
        && length / SECTOR_SIZE <= capacity - sector;
  }

  /** Little-endian; zeroes beyond the end. */
  long read(int offset, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      int at = offset + i;
      value = value << 8 | (at < LENGTH ? space.get(at) & 0xff : 0);
    }
    return value;
  }
}
