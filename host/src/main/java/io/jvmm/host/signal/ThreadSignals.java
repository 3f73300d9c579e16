package io.jvmm.host.signal;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Signals sent to one thread, with no handler: they stay blocked and pending, and the thread takes
 * them when it is ready.
 *
 * <p>The signal used is SIGURG. The JVM leaves it alone, and its default is to be ignored, so one
 * that reaches a thread which has not blocked it does no harm.
 */
public final class ThreadSignals {
  /** {@code asm/signal.h}. */
  public static final int SIGURG = 23;

  /** {@code sizeof(sigset_t)} as the kernel sees it: 64 signals. */
  public static final int KERNEL_SIGSET_BYTES = 8;

  static final int SIG_BLOCK = 0;

  private ThreadSignals() {}

  /** The kernel's set with one signal in it. */
  public static long setOf(int signal) {
    return 1L << (signal - 1);
  }

  /** Blocks a signal in the calling thread. Threads that it starts inherit that. */
  public static void block(int signal) {
    change(SIG_BLOCK, setOf(signal));
  }

  /** The calling thread's mask of blocked signals. */
  public static long blocked() {
    return change(SIG_BLOCK, 0);
  }

  private static long change(int how, long set) {
    CallState state = CallState.current();
    MemorySegment scratch = state.scratch();
    scratch.set(ValueLayout.JAVA_LONG, 0, set);
    long address = scratch.address();
    long result =
        Syscall.call(
            state,
            SyscallNumber.RT_SIGPROCMASK,
            how,
            address,
            address + Long.BYTES,
            KERNEL_SIGSET_BYTES);
    Syscall.check(result, "rt_sigprocmask", "thread");
    return scratch.get(ValueLayout.JAVA_LONG, Long.BYTES);
  }

  /** The calling thread's kernel id. */
  public static int threadId() {
    return (int) Syscall.call(CallState.current(), SyscallNumber.GETTID, 0, 0, 0);
  }

  /**
   * Sends a signal to a thread of this process.
   *
   * @return whether such a thread exists
   */
  public static boolean send(int threadId, int signal) {
    CallState state = CallState.current();
    long pid = Syscall.call(state, SyscallNumber.GETPID, 0, 0, 0);
    long result = Syscall.call(state, SyscallNumber.TGKILL, pid, threadId, signal);
    if (result == -Errno.ESRCH) {
      return false;
    }
    Syscall.check(result, "tgkill(" + signal + ")", "thread " + threadId);
    return true;
  }

  /**
   * Hot: takes one pending, blocked signal from the calling thread without waiting. Without this it
   * stays pending, and a call that unblocks it would return at once for ever.
   *
   * @return whether there was one
   */
  public static boolean take(CallState state, int signal) {
    MemorySegment scratch = state.scratch();
    scratch.set(ValueLayout.JAVA_LONG, 0, setOf(signal));
    scratch.set(ValueLayout.JAVA_LONG, 8, 0L); // struct timespec: tv_sec
    scratch.set(ValueLayout.JAVA_LONG, 16, 0L); // tv_nsec
    long address = scratch.address();
    return Syscall.call(
            state, SyscallNumber.RT_SIGTIMEDWAIT, address, 0, address + 8, KERNEL_SIGSET_BYTES)
        == signal;
  }
}
