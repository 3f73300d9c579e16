package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.BlockLimits;
import io.jvmm.devices.block.DiskException;
import org.jspecify.annotations.Nullable;

/**
 * What a server has said of an export, checked.
 *
 * @param size bytes, whole blocks
 * @param flags transmission flags
 * @param blockSize a power of two, {@value #SECTOR} to {@value #BLOCK_SIZE_MAX}
 * @param preferredSize bytes that are best moved at once, a power of two, {@code blockSize} or more
 * @param payloadMax bytes of a read or a write, whole blocks
 */
record NbdExport(long size, int flags, int blockSize, int preferredSize, int payloadMax) {
  private static final int SECTOR = 512;

  /** The specification's limit for what a server may demand ("Block size constraints"). */
  private static final int BLOCK_SIZE_MAX = 64 << 10;

  /** What a client may send where the server has named no limit (the same section). */
  static final int PAYLOAD_DEFAULT = 32 << 20;

  private static final int PREFERRED_DEFAULT = 4096;

  /** More than this is an advice on how much to move, not a block of the medium. */
  private static final int PHYSICAL_MAX = 64 << 10;

  /** Without block sizes: the server has named none. */
  static NbdExport of(String disk, long size, int flags) {
    return of(disk, size, flags, 1, PREFERRED_DEFAULT, PAYLOAD_DEFAULT);
  }

  /**
   * Checks what came from the server.
   *
   * @throws DiskException where nobody could work with it
   */
  static NbdExport of(String disk, long size, int flags, int minimum, int preferred, int maximum) {
    if (size < 0) {
      throw new DiskException(disk, "has an impossible size: " + Long.toUnsignedString(size));
    }
    if (minimum < 1 || minimum > BLOCK_SIZE_MAX || Integer.bitCount(minimum) != 1) {
      throw new DiskException(
          disk, "wants blocks of " + Integer.toUnsignedString(minimum) + " bytes");
    }
    int blockSize = Math.max(SECTOR, minimum);
    int payload = Integer.compareUnsigned(maximum, PAYLOAD_DEFAULT) < 0 ? maximum : PAYLOAD_DEFAULT;
    payload -= payload % blockSize;
    if (payload == 0) {
      throw new DiskException(
          disk, "takes no more than " + Integer.toUnsignedString(maximum) + " bytes at once");
    }
    int best = Math.max(blockSize, Math.min(Integer.highestOneBit(preferred), PAYLOAD_DEFAULT));
    long whole = size - size % blockSize;
    if (whole == 0) {
      throw new DiskException(disk, "is smaller than a block of " + blockSize + " bytes");
    }
    return new NbdExport(whole, flags, blockSize, best, payload);
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  boolean isReadOnly() {
    return has(NbdProtocol.FLAG_READ_ONLY);
  }

  /** What the guest is told. */
  BlockLimits limits() {
    boolean isAdvice = preferredSize > PHYSICAL_MAX;
    int physical = isAdvice ? Math.max(blockSize, PREFERRED_DEFAULT) : preferredSize;
    boolean writable = !isReadOnly();
    return new BlockLimits(
        blockSize,
        physical,
        isAdvice ? preferredSize : 0,
        writable && has(NbdProtocol.FLAG_SEND_TRIM),
        physical,
        writable && has(NbdProtocol.FLAG_SEND_WRITE_ZEROES));
  }

  /**
   * Why a disk that was this one cannot go on with what the server has now.
   *
   * @return null where it can
   */
  @Nullable String whyNot(NbdExport now, boolean readOnly) {
    if (now.size < size) {
      return "has shrunk from " + size + " to " + now.size + " bytes";
    }
    if (now.isReadOnly() && !readOnly) {
      return "may no longer be written";
    }
    if (now.blockSize > blockSize) {
      return "has blocks of " + now.blockSize + " bytes now, not of " + blockSize;
    }
    int durability = NbdProtocol.FLAG_SEND_FLUSH | NbdProtocol.FLAG_SEND_FUA;
    if (((flags ^ now.flags) & durability) != 0) {
      return "no longer makes writes durable as it did before (flush, FUA)";
    }
    BlockLimits before = limits();
    BlockLimits after = now.limits();
    if ((before.canDiscard() && !after.canDiscard())
        || (before.canWriteZeroes() && !after.canWriteZeroes())) {
      return "no longer takes what it took before (trim, write zeroes)";
    }
    return null;
  }
}
