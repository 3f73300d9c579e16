package io.jvmm.host.process;

import io.jvmm.host.CallState;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** How many descriptors this process may have: {@code RLIMIT_NOFILE}. */
public final class OpenFilesLimit {
  private static final int RLIMIT_NOFILE = 7; // asm-generic/resource.h
  private static final int RLIMIT_SIZE = 16; // struct rlimit64: soft, hard
  private static final int THIS_PROCESS = 0;

  private OpenFilesLimit() {}

  /**
   * The limit that holds, which the JVM has raised to the highest allowed when it started.
   *
   * @throws io.jvmm.host.SyscallException where the host does not tell
   */
  public static long soft() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limit = arena.allocate(RLIMIT_SIZE, Long.BYTES);
      long n =
          Syscall.call(
              CallState.current(),
              SyscallNumber.PRLIMIT64,
              THIS_PROCESS,
              RLIMIT_NOFILE,
              0,
              limit.address());
      Syscall.check(n, "prlimit64", "RLIMIT_NOFILE");
      long soft = limit.get(ValueLayout.JAVA_LONG, 0);
      return soft < 0 ? Long.MAX_VALUE : soft; // RLIM_INFINITY has all bits
    }
  }
}
