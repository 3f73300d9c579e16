package io.jvmm.host;

import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A timer that an event loop waits for ({@code timerfd_create(2)}); one-shot, on the monotonic
 * clock, non-blocking, closed on exec.
 *
 * <p>Threads: any thread may set or drain it, each with its own {@link CallState}.
 */
public final class TimerFd implements AutoCloseable {
  static final int CLOCK_MONOTONIC = 1; // linux/time.h
  static final int TFD_NONBLOCK = 0x800; // linux/timerfd.h
  static final int TFD_CLOEXEC = 0x80000;

  /** {@code struct itimerspec}: the interval's tv_sec and tv_nsec, then those of the first time. */
  static final int ITIMERSPEC_SIZE = 32;

  static final int ITIMERSPEC_VALUE = 16;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final Fd fd;

  private TimerFd(Fd fd) {
    this.fd = fd;
  }

  /**
   * Makes one that is not set.
   *
   * @throws SyscallException EMFILE or ENFILE where the host has no descriptor left
   */
  public static TimerFd create(String role) {
    int flags = TFD_NONBLOCK | TFD_CLOEXEC;
    long n =
        Syscall.call(CallState.current(), SyscallNumber.TIMERFD_CREATE, CLOCK_MONOTONIC, flags, 0);
    return new TimerFd(new Fd((int) Syscall.check(n, "timerfd_create", role), role));
  }

  /** The descriptor, readable when the time has come. It stays this object's. */
  public Fd fd() {
    return fd;
  }

  /**
   * Hot: has it go off once, in place of what was set before.
   *
   * @param nanos from now; 0 or less goes off at once
   */
  public void set(CallState state, long nanos) {
    settime(state, Math.max(1, nanos));
  }

  /** Hot: has it not go off. */
  public void cancel(CallState state) {
    settime(state, 0);
  }

  private void settime(CallState state, long nanos) {
    MemorySegment spec = state.scratch();
    spec.set(ValueLayout.JAVA_LONG, 0, 0);
    spec.set(ValueLayout.JAVA_LONG, 8, 0);
    spec.set(ValueLayout.JAVA_LONG, ITIMERSPEC_VALUE, nanos / NANOS_PER_SECOND);
    spec.set(ValueLayout.JAVA_LONG, ITIMERSPEC_VALUE + 8, nanos % NANOS_PER_SECOND);
    // It cannot fail: the descriptor is ours, the numbers are in range.
    Syscall.call(state, SyscallNumber.TIMERFD_SETTIME, fd.number(), 0, spec.address(), 0);
  }

  /** Hot: whether it has gone off since it was set or drained; it is then no longer readable. */
  public boolean drain(CallState state) {
    long address = state.scratch().address();
    return Syscall.call(state, SyscallNumber.READ, fd.number(), address, Long.BYTES) == Long.BYTES;
  }

  @Override
  public void close() {
    fd.close();
  }
}
