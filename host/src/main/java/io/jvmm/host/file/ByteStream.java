package io.jvmm.host.file;

import io.jvmm.host.CallState;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.SyscallNumber;

/**
 * Reads and writes descriptors that have no offsets: terminals, pipes, sockets. The descriptors
 * stay the caller's.
 */
public final class ByteStream {
  private ByteStream() {}

  /** Hot: bytes read, 0 at the end, or {@code -errno}. */
  public static long tryRead(CallState state, int fd, long address, long length) {
    return Syscall.call(state, SyscallNumber.READ, fd, address, length);
  }

  /** Hot: bytes written or {@code -errno}. */
  public static long tryWrite(CallState state, int fd, long address, long length) {
    return Syscall.call(state, SyscallNumber.WRITE, fd, address, length);
  }
}
