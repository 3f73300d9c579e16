package io.jvmm.devices.block;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.file.OpenFile;
import io.jvmm.memory.IovecArray;

/** Moves all of some buffers, going on after short transfers and interruptions. */
public final class WholeTransfer {
  private WholeTransfer() {}

  /**
   * Hot: reads until the buffers are full or the file ends.
   *
   * @param buffers what is left in them afterwards lies behind the file's end
   * @return {@link BlockBackend#DONE}, or {@code -errno}
   */
  public static int read(CallState state, OpenFile file, IovecArray buffers, long offset) {
    long at = offset;
    while (buffers.byteCount() > 0) {
      long n = file.tryReadVector(state, buffers.address(), buffers.count(), at);
      if (n > 0) {
        buffers.advance(n);
        at += n;
      } else if (n != -Errno.EINTR) {
        return (int) n; // at the end of the file: DONE
      }
    }
    return BlockBackend.DONE;
  }

  /**
   * Hot: writes all of the buffers.
   *
   * @return {@link BlockBackend#DONE}, or {@code -errno}
   */
  public static int write(CallState state, OpenFile file, IovecArray buffers, long offset) {
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
    return BlockBackend.DONE;
  }
}
