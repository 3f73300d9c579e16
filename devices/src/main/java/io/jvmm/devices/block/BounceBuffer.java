package io.jvmm.devices.block;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Mapping;
import io.jvmm.host.file.OpenFile;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * Takes buffers that lie where the kernel cannot move them past the page cache: their data goes
 * through one aligned buffer, piece by piece. Guests whose buffers are whole sectors never need it.
 *
 * <p>Threads: any; those that need it wait for one another, so its memory is bounded.
 */
final class BounceBuffer implements AutoCloseable {
  /** Bytes at a time, a multiple of every alignment; what is never touched costs nothing. */
  static final int SIZE = 1 << 20;

  private final OpenFile file;

  // Guarded by this.
  private @Nullable Mapping memory;

  BounceBuffer(OpenFile file) {
    this.file = file;
  }

  private Mapping memory() {
    Mapping mapped = memory;
    if (mapped == null) {
      mapped = Mapping.anonymous("bounce buffer", SIZE);
      memory = mapped;
    }
    return mapped;
  }

  /** Reads all of the buffers; {@link BlockBackend#DONE} or {@code -errno}. */
  synchronized int read(CallState state, IovecArray buffers, long offset) {
    Mapping bounce = memory();
    long at = offset;
    while (buffers.byteCount() > 0) {
      int piece = (int) Math.min(buffers.byteCount(), SIZE);
      long n = file.tryRead(state, bounce.address(), piece, at);
      if (n == 0) {
        return -Errno.EIO; // somebody has cut the file
      }
      if (n > 0) {
        buffers.copyFrom(bounce.segment(), 0, (int) n);
        buffers.advance(n);
        at += n;
      } else if (n != -Errno.EINTR) {
        return (int) n;
      }
    }
    return BlockBackend.DONE;
  }

  /** Writes all of the buffers; {@link BlockBackend#DONE} or {@code -errno}. */
  synchronized int write(CallState state, IovecArray buffers, long offset) {
    Mapping bounce = memory();
    long at = offset;
    while (buffers.byteCount() > 0) {
      int piece = (int) Math.min(buffers.byteCount(), SIZE);
      buffers.copyTo(bounce.segment(), 0, piece);
      long n = file.tryWrite(state, bounce.address(), piece, at);
      if (n == 0) {
        return -Errno.EIO; // no progress and no reason
      }
      if (n > 0) {
        buffers.advance(n);
        at += n;
      } else if (n != -Errno.EINTR) {
        return (int) n;
      }
    }
    return BlockBackend.DONE;
  }

  @Override
  public synchronized void close() {
    Mapping mapped = memory;
    if (mapped != null) {
      mapped.close();
    }
  }
}
