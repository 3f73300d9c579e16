package io.jvmm.devices.block;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
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

  /**
   * Opens and locks an image: one writer or any number of readers at a time. A block device that is
   * to be written must be nobody else's: what the host has mounted it would lose. Only to be read
   * it is not claimed, since a claim keeps other readers out too.
   *
   * @throws io.jvmm.host.SyscallException where it cannot be opened
   * @throws DiskException where it is in use, or is no disk
   */
  public static RawFile open(String path, boolean readOnly) {
    return open(path, readOnly, false);
  }

  /**
   * As {@link #open(String, boolean)}.
   *
   * @param direct past the host's page cache
   * @throws DiskException also where the host cannot do that
   */
  public static RawFile open(String path, boolean readOnly, boolean direct) {
    OpenFile file = openFile(path, readOnly, direct);
    try {
      if (!file.isRegular() && !file.isBlockDevice()) {
        throw new DiskException(path, "is neither a regular file nor a block device");
      }
      if (!file.tryLock(!readOnly)) {
        throw new DiskException(
            path,
            readOnly
                ? "is in use by another VM, which may write to it"
                : "is in use by another VM; stop that one, or use it read-only in both");
      }
      DirectAlignment alignment = direct ? DirectAlignment.of(file) : null;
      if (direct && alignment == null) {
        throw notDirect(path);
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

  private static OpenFile openFile(String path, boolean readOnly, boolean direct) {
    try {
      if (readOnly) {
        return direct ? OpenFile.forDirectReading(path) : OpenFile.forReading(path);
      }
      return direct ? OpenFile.claimDirect(path) : OpenFile.claim(path);
    } catch (SyscallException e) {
      if (e.is(Errno.EBUSY) && !readOnly) {
        throw new DiskException(
            path,
            "is in use on this host (mounted, swap, RAID, LVM or another VM);"
                + " end that use, or use it read-only");
      }
      if (e.is(Errno.EINVAL) && direct) {
        throw notDirect(path);
      }
      throw e;
    }
  }

  private static DiskException notDirect(String path) {
    return new DiskException(
        path,
        "cannot be used past the page cache: its file system has no O_DIRECT; leave out 'direct'");
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
    long at = offset;
    while (buffers.byteCount() > 0) {
      long n = file.tryReadVector(state, buffers.address(), buffers.count(), at);
      if (n > 0) {
        buffers.advance(n);
        at += n;
      } else if (n == 0) {
        return -Errno.EIO; // somebody has cut the file
      } else if (n != -Errno.EINTR) {
        return (int) n;
      }
    }
    return BlockBackend.DONE;
  }

  @Override
  public int write(CallState state, IovecArray buffers, long offset) {
    if (!takes(buffers)) {
      return bounce.write(state, buffers, offset);
    }
    long at = offset;
    while (buffers.byteCount() > 0) {
      long n = file.tryWriteVector(state, buffers.address(), buffers.count(), at);
      if (n >= 0) {
        buffers.advance(n);
        at += n;
      } else if (n != -Errno.EINTR) {
        return (int) n;
      }
    }
    return BlockBackend.DONE;
  }

  @Override
  public int flush(CallState state) {
    return (int) file.tryDataSync(state);
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
