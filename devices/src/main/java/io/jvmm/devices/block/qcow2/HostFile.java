package io.jvmm.devices.block.qcow2;

import io.jvmm.devices.block.DiskFile;
import io.jvmm.devices.block.WholeTransfer;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.file.OpenFile;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.MemorySegment;

/** A regular file or a block device. */
final class HostFile implements ImageFile {
  private final String path;
  private final OpenFile file;
  private final long length;
  private int syncError;
  private boolean canRelease = true;

  private HostFile(String path, OpenFile file, long length) {
    this.path = path;
    this.file = file;
    this.length = length;
  }

  /** As {@link DiskFile#open} does and throws. */
  static HostFile open(String path, boolean readOnly) {
    OpenFile file = DiskFile.open(path, readOnly);
    try {
      return new HostFile(path, file, file.length());
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Whether a path leads to this file, by whatever name. */
  boolean isAt(String other) {
    return file.isAt(other);
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
  public int read(CallState state, MemorySegment to, long at, long length, long offset) {
    long done = 0;
    while (done < length) {
      long n = file.tryRead(state, to.address() + at + done, length - done, offset + done);
      if (n > 0) {
        done += n;
      } else if (n == 0) {
        to.asSlice(at + done, length - done).fill((byte) 0);
        return 0;
      } else if (n != -Errno.EINTR) {
        return (int) n;
      }
    }
    return 0;
  }

  @Override
  public int readVector(CallState state, IovecArray buffers, long offset) {
    int result = WholeTransfer.read(state, file, buffers, offset);
    if (result == 0 && buffers.byteCount() > 0) {
      buffers.fillZero(buffers.byteCount());
    }
    return result;
  }

  @Override
  public int write(CallState state, MemorySegment from, long at, long length, long offset) {
    long done = 0;
    while (done < length) {
      long n = file.tryWrite(state, from.address() + at + done, length - done, offset + done);
      if (n > 0) {
        done += n;
      } else if (n == 0) {
        return -Errno.EIO; // no progress and no reason
      } else if (n != -Errno.EINTR) {
        return (int) n;
      }
    }
    return 0;
  }

  @Override
  public int writeVector(CallState state, IovecArray buffers, long offset) {
    return WholeTransfer.write(state, file, buffers, offset);
  }

  @Override
  public int sync(CallState state) {
    if (syncError != 0) {
      return syncError;
    }
    long result;
    do {
      result = file.tryDataSync(state);
    } while (result == -Errno.EINTR);
    syncError = (int) result;
    return syncError;
  }

  @Override
  public void release(CallState state, long offset, long length) {
    if (canRelease) {
      canRelease =
          file.tryAllocate(state, OpenFile.PUNCH_HOLE, offset, length) != -Errno.EOPNOTSUPP;
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
