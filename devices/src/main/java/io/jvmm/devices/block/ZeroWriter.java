package io.jvmm.devices.block;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Mapping;
import io.jvmm.host.file.OpenFile;
import org.jspecify.annotations.Nullable;

/**
 * Writes zeroes, for hosts that cannot make them in a better way.
 *
 * <p>Threads: any.
 */
final class ZeroWriter implements AutoCloseable {
  /** Bytes at a time; all of it is the kernel's one page of zeroes, since nobody writes there. */
  private static final int PIECE = 1 << 20;

  private final OpenFile file;

  // Guarded by this.
  private @Nullable Mapping zeroes;

  ZeroWriter(OpenFile file) {
    this.file = file;
  }

  private synchronized long zeroes() {
    Mapping mapped = zeroes;
    if (mapped == null) {
      mapped = Mapping.anonymous("zeroes", PIECE);
      zeroes = mapped;
    }
    return mapped.address();
  }

  /** {@link BlockBackend#DONE} or {@code -errno}. */
  int write(CallState state, long offset, long length) {
    long source = zeroes();
    long at = offset;
    long left = length;
    while (left > 0) {
      long n = file.tryWrite(state, source, Math.min(left, PIECE), at);
      if (n == 0) {
        return -Errno.EIO; // no progress and no reason
      }
      if (n > 0) {
        at += n;
        left -= n;
      } else if (n != -Errno.EINTR) {
        return (int) n;
      }
    }
    return BlockBackend.DONE;
  }

  @Override
  public synchronized void close() {
    Mapping mapped = zeroes;
    if (mapped != null) {
      mapped.close();
    }
  }
}
