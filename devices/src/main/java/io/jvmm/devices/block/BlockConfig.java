package io.jvmm.devices.block;

import io.jvmm.virtio.Features;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the device offers, and its configuration space (virtio 1.2, 5.2.3 and 5.2.4).
 *
 * <pre>
 *  0  le64 capacity (sectors)       34  le16 num_queues
 *  8  le32 size_max                 36  le32 max_discard_sectors
 * 12  le32 seg_max                  40  le32 max_discard_seg
 * 16  geometry                      44  le32 discard_sector_alignment
 * 20  le32 blk_size                 48  le32 max_write_zeroes_sectors
 * 24  u8 physical_block_exp         52  le32 max_write_zeroes_seg
 * 25  u8 alignment_offset           56  u8 write_zeroes_may_unmap
 * 26  le16 min_io_size (blocks)
 * 28  le32 opt_io_size (blocks)
 * 32  u8 writeback
 * </pre>
 *
 * <p>Threads: vCPUs read, and write {@code writeback}; the device's I/O thread changes the
 * capacity, which comes and goes with its generation.
 */
final class BlockConfig {
  /** The unit of every address and length, whatever the block size (5.2.4). */
  static final int SECTOR_SIZE = 512;

  static final long VIRTIO_BLK_F_SIZE_MAX = 1L << 1;
  static final long VIRTIO_BLK_F_SEG_MAX = 1L << 2;
  static final long VIRTIO_BLK_F_RO = 1L << 5;
  static final long VIRTIO_BLK_F_BLK_SIZE = 1L << 6;
  static final long VIRTIO_BLK_F_FLUSH = 1L << 9;
  static final long VIRTIO_BLK_F_TOPOLOGY = 1L << 10;
  static final long VIRTIO_BLK_F_CONFIG_WCE = 1L << 11;
  static final long VIRTIO_BLK_F_MQ = 1L << 12;
  static final long VIRTIO_BLK_F_DISCARD = 1L << 13;
  static final long VIRTIO_BLK_F_WRITE_ZEROES = 1L << 14;

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

  /**
   * Sectors of a range that is discarded: 1 GiB. To give back the space of a fragmented file takes
   * the host some tens of milliseconds, and a disk of a TiB a thousand requests.
   */
  static final int DISCARD_SECTORS_MAX = (1 << 30) / SECTOR_SIZE;

  /**
   * Sectors of a range that is zeroed. Where the host has to write the zeroes it takes as long as
   * writing data, so it is as much: a reset waits for what is under way.
   */
  static final int ZEROES_SECTORS_MAX = (int) (REQUEST_MAX / SECTOR_SIZE);

  private static final int CAPACITY_OFFSET = 0;
  private static final int SIZE_MAX_OFFSET = 8;
  private static final int SEG_MAX_OFFSET = 12;
  private static final int BLK_SIZE_OFFSET = 20;
  private static final int PHYSICAL_BLOCK_EXP_OFFSET = 24;
  private static final int MIN_IO_SIZE_OFFSET = 26;
  private static final int OPT_IO_SIZE_OFFSET = 28;
  private static final int WRITEBACK_OFFSET = 32;
  private static final int NUM_QUEUES_OFFSET = 34;
  private static final int MAX_DISCARD_SECTORS_OFFSET = 36;
  private static final int MAX_DISCARD_SEG_OFFSET = 40;
  private static final int DISCARD_SECTOR_ALIGNMENT_OFFSET = 44;
  private static final int MAX_WRITE_ZEROES_SECTORS_OFFSET = 48;
  private static final int MAX_WRITE_ZEROES_SEG_OFFSET = 52;
  private static final int WRITE_ZEROES_MAY_UNMAP_OFFSET = 56;
  private static final int LENGTH = 60;

  private final BlockLimits limits;
  private final boolean readOnly;
  private final int queues;
  private final boolean startsWriteThrough;

  /** What changes while a driver reads: replaced as a whole, so that it never sees a mixture. */
  private volatile Space space;

  private volatile boolean writeback;
  private volatile boolean isWritebackFixed;

  private record Space(long capacity, int generation, ByteBuffer bytes) {}

  /**
   * A disk over a backend of {@code length} bytes; what is less than a block at its end is left
   * out.
   */
  BlockConfig(
      long length, BlockLimits limits, boolean readOnly, int queues, boolean startsWriteThrough) {
    this.limits = limits;
    this.readOnly = readOnly;
    this.queues = queues;
    this.startsWriteThrough = startsWriteThrough;
    this.writeback = !startsWriteThrough;
    this.space = space(length, 0);
  }

  private Space space(long length, int generation) {
    long capacity = length / limits.blockSize() * (limits.blockSize() / SECTOR_SIZE);
    ByteBuffer bytes = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(CAPACITY_OFFSET, capacity);
    bytes.putInt(SIZE_MAX_OFFSET, SIZE_MAX);
    bytes.putInt(SEG_MAX_OFFSET, SEG_MAX);
    bytes.putInt(BLK_SIZE_OFFSET, limits.blockSize());
    int blocks = limits.physicalBlockSize() / limits.blockSize();
    bytes.put(PHYSICAL_BLOCK_EXP_OFFSET, (byte) Integer.numberOfTrailingZeros(blocks));
    bytes.putShort(MIN_IO_SIZE_OFFSET, (short) Math.min(blocks, 0xffff));
    bytes.putInt(OPT_IO_SIZE_OFFSET, limits.optimalIoSize() / limits.blockSize());
    bytes.putShort(NUM_QUEUES_OFFSET, (short) queues);
    if (offersDiscard()) {
      bytes.putInt(MAX_DISCARD_SECTORS_OFFSET, DISCARD_SECTORS_MAX);
      bytes.putInt(MAX_DISCARD_SEG_OFFSET, BlockRanges.COUNT_MAX);
      int granularity = Math.max(limits.discardGranularity(), limits.blockSize());
      bytes.putInt(DISCARD_SECTOR_ALIGNMENT_OFFSET, granularity / SECTOR_SIZE);
    }
    if (offersWriteZeroes()) {
      bytes.putInt(MAX_WRITE_ZEROES_SECTORS_OFFSET, ZEROES_SECTORS_MAX);
      bytes.putInt(MAX_WRITE_ZEROES_SEG_OFFSET, BlockRanges.COUNT_MAX);
      bytes.put(WRITE_ZEROES_MAY_UNMAP_OFFSET, (byte) (limits.canDiscard() ? 1 : 0));
    }
    return new Space(capacity, generation, bytes);
  }

  /** In sectors. */
  long capacity() {
    return space.capacity;
  }

  /** I/O thread: the backend has another length now; whether that makes another capacity. */
  boolean setLength(long length) {
    Space old = space;
    Space changed = space(length, old.generation + 1);
    if (changed.capacity == old.capacity) {
      return false;
    }
    space = changed;
    return true;
  }

  /** Another number whenever another capacity is read. */
  int generation() {
    return space.generation;
  }

  boolean isReadOnly() {
    return readOnly;
  }

  private boolean offersDiscard() {
    return limits.canDiscard() && !readOnly;
  }

  private boolean offersWriteZeroes() {
    return limits.canWriteZeroes() && !readOnly;
  }

  long features() {
    long features =
        Features.VIRTIO_F_VERSION_1
            | Features.SPLIT_RING
            | Features.VIRTIO_F_RING_RESET
            | VIRTIO_BLK_F_SIZE_MAX
            | VIRTIO_BLK_F_SEG_MAX
            | VIRTIO_BLK_F_BLK_SIZE
            | VIRTIO_BLK_F_FLUSH
            | VIRTIO_BLK_F_TOPOLOGY
            | VIRTIO_BLK_F_CONFIG_WCE;
    if (queues > 1) {
      features |= VIRTIO_BLK_F_MQ;
    }
    if (readOnly) {
      features |= VIRTIO_BLK_F_RO;
    }
    if (offersDiscard()) {
      features |= VIRTIO_BLK_F_DISCARD;
    }
    if (offersWriteZeroes()) {
      features |= VIRTIO_BLK_F_WRITE_ZEROES;
    }
    return features;
  }

  /** Whether {@code length} bytes from {@code sector} are whole blocks of the disk. */
  boolean isInside(long sector, long length) {
    long capacity = space.capacity;
    return Long.compareUnsigned(sector, capacity) <= 0
        && (sector * SECTOR_SIZE & (limits.blockSize() - 1)) == 0
        && (length & (limits.blockSize() - 1)) == 0
        && length / SECTOR_SIZE <= capacity - sector;
  }

  /** As after a reset: what the driver chose is forgotten. */
  void forgetDriver() {
    isWritebackFixed = false;
    writeback = !startsWriteThrough;
  }

  /**
   * The driver is ready. Without a flush that it could ask for, nothing is written back; without
   * CONFIG_WCE it stays as it began (5.2.5.2, 5.2.6.2).
   */
  void agree(boolean flush, boolean configWce) {
    if (!flush) {
      isWritebackFixed = true;
      writeback = false;
    } else if (!configWce) {
      isWritebackFixed = true;
      writeback = !startsWriteThrough;
    }
  }

  /** Whether a write waits for a flush of the driver's to be on the medium. */
  boolean isWriteback() {
    return writeback;
  }

  /** Little-endian; zeroes beyond the end. */
  long read(int offset, int size) {
    ByteBuffer bytes = space.bytes;
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      int at = offset + i;
      value = value << 8 | (at < LENGTH ? byteAt(bytes, at) & 0xff : 0);
    }
    return value;
  }

  private byte byteAt(ByteBuffer bytes, int at) {
    if (at == WRITEBACK_OFFSET) {
      return (byte) (writeback ? 1 : 0);
    }
    return bytes.get(at);
  }

  /** The driver writes; it may change {@code writeback} alone. */
  void write(int offset, int size, long value) {
    if (offset == WRITEBACK_OFFSET && size == 1 && !isWritebackFixed) {
      writeback = (value & 1) != 0;
    }
  }
}
