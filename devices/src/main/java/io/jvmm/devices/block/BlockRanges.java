package io.jvmm.devices.block;

import io.jvmm.host.Errno;
import io.jvmm.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The ranges of a request to discard or to write zeroes (virtio 1.2, 5.2.6), copied out of guest
 * memory before they are looked at; reused.
 *
 * <pre>
 * struct virtio_blk_discard_write_zeroes { le64 sector; le32 num_sectors; le32 flags; }
 * </pre>
 *
 * <p>Threads: the device's I/O thread.
 */
final class BlockRanges {
  /** Linux merges no more than a few; each is an operation of its own, in a turn of the device. */
  static final int COUNT_MAX = 16;

  private static final int RANGE_SIZE = 16;
  private static final int SECTOR_OFFSET = 0;
  private static final int NUM_SECTORS_OFFSET = 8;
  private static final int FLAGS_OFFSET = 12;

  /** The zeroed range may be given back; of a range to be discarded it says nothing (5.2.6.2). */
  private static final int VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP = 1;

  private final ByteBuffer bytes =
      ByteBuffer.allocate(COUNT_MAX * RANGE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private int length;
  private int next;

  void clear() {
    length = 0;
    next = 0;
  }

  /** Hot: takes as much of a buffer as there is room for. */
  void add(GuestMemory memory, long gpa, long count) {
    int taken = (int) Math.min(count, bytes.capacity() - length);
    if (taken > 0) {
      memory.read(gpa, bytes.array(), length, taken);
      length += taken;
    }
  }

  /**
   * Hot: looks at all ranges; from here on {@link #next} answers them.
   *
   * @param dataLength what the driver sent, which may be more than was taken
   * @return 0, or {@code -errno} where not all of them may be worked on
   */
  int check(BlockConfig config, long dataLength, boolean isDiscard) {
    if (dataLength == 0 || dataLength % RANGE_SIZE != 0 || dataLength > bytes.capacity()) {
      return -Errno.EINVAL;
    }
    int most = isDiscard ? BlockConfig.DISCARD_SECTORS_MAX : BlockConfig.ZEROES_SECTORS_MAX;
    for (int i = 0; i < length; i += RANGE_SIZE) {
      int flags = bytes.getInt(i + FLAGS_OFFSET);
      int allowed = isDiscard ? 0 : VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP;
      if ((flags & ~allowed) != 0) {
        return -Errno.EOPNOTSUPP;
      }
      long sectors = bytes.getInt(i + NUM_SECTORS_OFFSET) & 0xffff_ffffL;
      if (sectors > most
          || !config.isInside(
              bytes.getLong(i + SECTOR_OFFSET), sectors * BlockConfig.SECTOR_SIZE)) {
        return -Errno.EINVAL;
      }
    }
    next = -RANGE_SIZE;
    return 0;
  }

  /** Hot: goes to the next range that is not empty. */
  boolean next() {
    do {
      next += RANGE_SIZE;
    } while (next < length && bytes.getInt(next + NUM_SECTORS_OFFSET) == 0);
    return next < length;
  }

  /** In bytes. */
  long offset() {
    return bytes.getLong(next + SECTOR_OFFSET) * BlockConfig.SECTOR_SIZE;
  }

  /** In bytes. */
  long rangeLength() {
    return (bytes.getInt(next + NUM_SECTORS_OFFSET) & 0xffff_ffffL) * BlockConfig.SECTOR_SIZE;
  }

  boolean mayUnmap() {
    return (bytes.getInt(next + FLAGS_OFFSET) & VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP) != 0;
  }

  /** Bytes of all ranges. */
  long totalLength() {
    long total = 0;
    for (int i = 0; i < length; i += RANGE_SIZE) {
      total += (bytes.getInt(i + NUM_SECTORS_OFFSET) & 0xffff_ffffL) * BlockConfig.SECTOR_SIZE;
    }
    return total;
  }
}
