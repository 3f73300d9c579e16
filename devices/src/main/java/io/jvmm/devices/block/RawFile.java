package io.jvmm.devices.block;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.file.BlockDevice;
import io.jvmm.host.file.DirectAlignment;
import io.jvmm.host.file.OpenFile;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * A raw image: a regular file or a block device, byte for byte the disk.
 *
 * <p>What a guest discards becomes a hole of the file, and its space the file system's; on a block
 * device it is discarded there. Where the host cannot do that nothing happens: the guest is told
 * that discarding promises nothing. Zeroes that the host cannot make are written.
 *
 * <p>Threads: as {@link DiskImage} says, several at once.
 */
public final class RawFile implements DiskImage {
  private final String path;
  private final OpenFile file;
  private final @Nullable BlockDevice device;
  private final @Nullable DirectAlignment alignment;
  private final BlockLimits limits;
  private final BounceBuffer bounce;
  private final ZeroWriter zeroes;
  private volatile long length;
  private volatile int syncError;

  private RawFile(String path, OpenFile file, @Nullable DirectAlignment alignment) {
    this.path = path;
    this.file = file;
    this.alignment = alignment;
    this.device = file.isBlockDevice() ? new BlockDevice(file) : null;
    this.limits = RawLimits.of(file, device, alignment);
    this.bounce = new BounceBuffer(file);
    this.zeroes = new ZeroWriter(file);
    this.length = wholeBlocks(file.length());
  }

  /** As {@link #open(String, boolean, boolean)}, through the host's page cache. */
  public static RawFile open(String path, boolean readOnly) {
    return open(path, readOnly, false);
  }

  /**
   * Opens and locks an image, as {@link DiskFile#open} does.
   *
   * @param direct past the host's page cache
   * @throws io.jvmm.host.SyscallException where it cannot be opened
   * @throws DiskException where it is in use, is no disk, or cannot be direct
   */
  public static RawFile open(String path, boolean readOnly, boolean direct) {
    OpenFile file = DiskFile.open(path, readOnly, direct);
    try {
      DirectAlignment alignment = direct ? DirectAlignment.of(file) : null;
      if (direct && alignment == null) {
        throw DiskFile.notDirect(path);
      }
      RawFile image = new RawFile(path, file, alignment);
      int block = image.limits.blockSize();
      if (image.length < block) {
        throw new DiskException(
            path,
            "is smaller than a " + (block == 512 ? "sector" : "block") + " of " + block + " bytes");
      }
      return image;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private long wholeBlocks(long bytes) {
    return bytes & -limits.blockSize();
  }

  @Override
  public String name() {
    return path;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public long refreshLength(CallState state) {
    long now = file.tryLength(state);
    if (now < 0) {
      return now;
    }
    length = wholeBlocks(now);
    return length;
  }

  @Override
  public boolean isReadOnly() {
    return !file.isWritable();
  }

  @Override
  public BlockLimits limits() {
    return limits;
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  /** The file; it stays this object's. */
  OpenFile file() {
    return file;
  }

  /** Whether it is a regular file, so that space is the file system's to manage. */
  boolean isFile() {
    return device == null;
  }

  /** Whether the kernel moves these buffers as they are. */
  boolean takes(IovecArray buffers) {
    DirectAlignment asked = alignment;
    return asked == null || buffers.isAligned(asked.memory(), asked.offset());
  }

  @Override
  public int read(CallState state, IovecArray buffers, long offset) {
    if (!takes(buffers)) {
      return bounce.read(state, buffers, offset);
    }
    int result = WholeTransfer.read(state, file, buffers, offset);
    return result == BlockBackend.DONE && buffers.byteCount() > 0
        ? -Errno.EIO // somebody has cut the file
        : result;
  }

  @Override
  public int write(CallState state, IovecArray buffers, long offset) {
    return takes(buffers)
        ? WholeTransfer.write(state, file, buffers, offset)
        : bounce.write(state, buffers, offset);
  }

  @Override
  public int flush(CallState state) {
    long result;
    do {
      result = file.tryDataSync(state);
    } while (result == -Errno.EINTR);
    return synced((int) result);
  }

  /**
   * What a flush that ended so means for the disk. After one error it fails for ever: the host's
   * page cache takes for clean what it could not write, and the next sync would succeed without it.
   */
  int synced(int result) {
    if (result < 0 && result != -Errno.ECANCELED && alignment == null) {
      syncError = result;
    }
    return syncError != 0 ? syncError : result;
  }

  @Override
  public int discard(CallState state, long offset, long length) {
    BlockDevice target = device;
    long result;
    do {
      result =
          target != null
              ? target.tryDiscard(state, offset, length)
              : file.tryAllocate(state, OpenFile.PUNCH_HOLE, offset, length);
    } while (result == -Errno.EINTR);
    return result == -Errno.EOPNOTSUPP ? BlockBackend.DONE : (int) result;
  }

  @Override
  public int writeZeroes(CallState state, long offset, long length, boolean mayDiscard) {
    int mode = mayDiscard ? OpenFile.PUNCH_HOLE : OpenFile.ZERO_RANGE;
    long result;
    do {
      result = file.tryAllocate(state, mode, offset, length);
    } while (result == -Errno.EINTR);
    return result == -Errno.EOPNOTSUPP ? zeroesByOtherMeans(state, offset, length) : (int) result;
  }

  /** Where no file system makes zeroes of nothing: a device has means of its own. */
  int zeroesByOtherMeans(CallState state, long offset, long length) {
    BlockDevice target = device;
    return target != null
        ? (int) target.tryZero(state, offset, length)
        : zeroes.write(state, offset, length);
  }

  @Override
  public void close() {
    file.close();
    bounce.close();
    zeroes.close();
  }
}
