package io.jvmm.devices.block;

import io.jvmm.host.file.BlockDevice;
import io.jvmm.host.file.DirectAlignment;
import io.jvmm.host.file.OpenFile;
import org.jspecify.annotations.Nullable;

/** Works out what a raw image's blocks are. */
final class RawLimits {
  /** What a guest can take: Linux knows no logical block larger than a page. */
  private static final int BLOCK_MAX = 4096;

  /** Larger steps are a file system's wish for streams, not what it writes at once. */
  private static final int PHYSICAL_MAX = 1 << 16;

  private RawLimits() {}

  /**
   * @param device the same file where it is a block device
   * @throws DiskException where it has blocks that no guest can take
   */
  static BlockLimits of(
      OpenFile file, @Nullable BlockDevice device, @Nullable DirectAlignment alignment) {
    int block = BlockConfig.SECTOR_SIZE;
    int physical = Math.min(file.blockSize(), PHYSICAL_MAX);
    int optimal = 0;
    int granularity = physical;
    if (device != null) {
      block = device.logicalBlockSize();
      physical = device.physicalBlockSize();
      optimal = device.optimalIoSize();
      granularity = device.discardGranularity();
    }
    if (alignment != null) {
      block = Math.max(block, alignment.offset());
    }
    if (block > BLOCK_MAX) {
      throw new DiskException(
          file.fd().role(), "has blocks of " + block + " bytes; more than 4096 cannot be offered");
    }
    physical = Math.max(physical, block);
    boolean writable = file.isWritable();
    return new BlockLimits(
        block, physical, optimal, writable && granularity > 0, granularity, writable);
  }
}
