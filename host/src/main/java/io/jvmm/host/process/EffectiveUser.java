package io.jvmm.host.process;

import io.jvmm.host.CallState;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.SyscallNumber;

/**
 * Whom the host takes this process for.
 *
 * <p>Threads: any.
 */
public final class EffectiveUser {
  private EffectiveUser() {}

  /** {@code geteuid(2)}. */
  public static int uid() {
    return (int) Syscall.call(CallState.current(), SyscallNumber.GETEUID, 0, 0, 0);
  }

  /** {@code getegid(2)}. */
  public static int gid() {
    return (int) Syscall.call(CallState.current(), SyscallNumber.GETEGID, 0, 0, 0);
  }

  /** Whether it may give files away. */
  public static boolean isRoot() {
    return uid() == 0;
  }
}
