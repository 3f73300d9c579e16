package io.jvmm.host.uring;

import io.jvmm.host.CallState;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Finds out whether this process may use io_uring, by making a ring. */
public final class IoUringProbe {
  private static final int ENTRIES = 8;

  private IoUringProbe() {}

  /**
   * Makes a small ring and closes it.
   *
   * @return 0, or {@code -errno}: ENOSYS for a kernel without it, EPERM where it is forbidden
   */
  public static int tryRing() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment params = arena.allocate(UringAbi.PARAMS_SIZE, Long.BYTES);
      long result =
          Syscall.call(
              CallState.current(), SyscallNumber.IO_URING_SETUP, ENTRIES, params.address(), 0);
      if (result < 0) {
        return (int) result;
      }
      new Fd((int) result, "io_uring").close();
      return 0;
    }
  }
}
