package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.file.OpenFile;
import io.jvmm.memory.IovecArray;

/**
 * A raw image: a regular file or a block device, byte for byte the disk. Reads and writes go
 * through the page cache, on the calling thread.
 */
public final class RawFile implements BlockBackend {
  private final String path;
  private final OpenFile file;
  private final long length;

  private RawFile(String path, OpenFile file, long length) {
    this.path = path;
    this.file = file;
    this.length = length;
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
    OpenFile file = readOnly ? OpenFile.forReading(path) : claim(path);
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
      long length = file.length();
      if (length < BlockConfig.SECTOR_SIZE) {
        throw new DiskException(path, "is smaller than a sector of 512 bytes");
      }
      return new RawFile(path, file, length);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static OpenFile claim(String path) {
    try {
      return OpenFile.claim(path);
    } catch (SyscallException e) {
      if (e.is(Errno.EBUSY)) {
        throw new DiskException(
            path,
            "is in use on this host (mounted, swap, RAID, LVM or another VM);"
                + " end that use, or use it read-only");
      }
      throw e;
    }
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
  public boolean isReadOnly() {
    return !file.isWritable();
  }

  @Override
  public int maxPending() {
    return 1;
  }

  @Override
  public void attach(IoLoop loop, BlockCompletion completion) {
    // Nothing is ever pending.
  }

  @Override
  public int read(CallState state, IovecArray buffers, long offset, int token) {
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
    return DONE;
  }

  @Override
  public int write(CallState state, IovecArray buffers, long offset, int token) {
    long at = offset;
    while (buffers.byteCount() > 0) {
      long n = file.tryWriteVector(state, buffers.address(), buffers.count(), at);
      if (n > 0) {
        buffers.advance(n);
        at += n;
      } else if (n == 0) {
        return -Errno.EIO; // no progress and no reason
      } else if (n != -Errno.EINTR) {
        return (int) n;
      }
    }
    return DONE;
  }

  /**
   * {@code fdatasync(2)}. An error is told once and never retried: after it, Linux holds the pages
   * that were lost for clean.
   */
  @Override
  public int flush(CallState state, int token) {
    if (isReadOnly()) {
      return DONE;
    }
    long result;
    do {
      result = file.tryDataSync(state);
    } while (result == -Errno.EINTR);
    return (int) result;
  }

  @Override
  public void close() {
    file.close();
  }
}
