package io.jvmm.host.signal;

import io.jvmm.host.CallState;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What the whole process does with a signal. */
public final class ProcessSignals {
  /** {@code asm/signal.h}. */
  public static final int SIGHUP = 1;

  /** {@code asm/signal.h}. */
  public static final int SIGINT = 2;

  /** {@code asm/signal.h}. */
  public static final int SIGTERM = 15;

  private static final long SIG_DFL = 0; // asm-generic/signal-defs.h
  private static final long SIG_IGN = 1;

  /** The kernel's {@code struct sigaction}: handler, flags, restorer, mask. */
  private static final int SIGACTION_SIZE = 32;

  private ProcessSignals() {}

  /**
   * Gives a signal its default action back, in place of the JVM's. One that is ignored, as under
   * {@code nohup}, stays ignored.
   */
  public static void restoreDefault(int signal) {
    if (handler(signal) != SIG_IGN) {
      action(signal, true);
    }
  }

  private static long handler(int signal) {
    action(signal, false);
    return CallState.current().scratch().get(ValueLayout.JAVA_LONG, SIGACTION_SIZE);
  }

  /** Asks for the action, into the second half of the scratch memory, and sets SIG_DFL or not. */
  private static void action(int signal, boolean setDefault) {
    CallState state = CallState.current();
    MemorySegment scratch = state.scratch();
    scratch.asSlice(0, SIGACTION_SIZE).fill((byte) 0);
    scratch.set(ValueLayout.JAVA_LONG, 0, SIG_DFL);
    long address = scratch.address();
    long result =
        Syscall.call(
            state,
            SyscallNumber.RT_SIGACTION,
            signal,
            setDefault ? address : 0,
            address + SIGACTION_SIZE,
            ThreadSignals.KERNEL_SIGSET_BYTES);
    Syscall.check(result, "rt_sigaction(" + signal + ")", "process");
  }
}
