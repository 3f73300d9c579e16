package io.jvmm.host.tree;

import io.jvmm.host.CallState;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** How a step from a directory to one of its entries is kept in bounds. */
public enum Steps {
  /** By the kernel, with {@code openat2(2)}, since Linux 5.6. */
  CONFINED,
  /**
   * By us: one name at a time with {@code O_PATH|O_NOFOLLOW}, and a look at the mount afterwards.
   */
  LOOKED_AT;

  /** The kernel's where it can, which old ones and filters of system calls may not. */
  public static Steps best() {
    return Probe.BEST;
  }

  private static final class Probe {
    static final Steps BEST = probe();

    private static Steps probe() {
      try (Arena arena = Arena.ofConfined()) {
        CallState state = CallState.current();
        MemorySegment how = arena.allocate(TreeCalls.OPEN_HOW_SIZE, Long.BYTES);
        how.set(ValueLayout.JAVA_LONG, 0, TreeCalls.O_PATH | Fcntl.O_CLOEXEC);
        long fd =
            Syscall.call(
                state,
                SyscallNumber.OPENAT2,
                Fcntl.AT_FDCWD,
                arena.allocateFrom("/").address(),
                how.address(),
                TreeCalls.OPEN_HOW_SIZE);
        if (fd < 0) {
          return LOOKED_AT;
        }
        NodeCalls.close(state, (int) fd);
        return CONFINED;
      }
    }
  }
}
