package io.jvmm.host.internal;

import io.jvmm.host.CallState;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code poll(2)} of one descriptor. */
public final class Poll {
  public static final short POLLIN = 0x001; // asm-generic/poll.h
  public static final short POLLOUT = 0x004;

  /** {@code struct pollfd}: fd 0, events 4, revents 6. */
  public static final int POLLFD_SIZE = 8;

  public static final int POLLFD_EVENTS = 4;

  private Poll() {}

  /**
   * Hot: waits until a descriptor is ready, or broken.
   *
   * @param events POLLIN or POLLOUT
   * @param timeoutMillis below zero for ever
   * @return false where the time was over before, or a signal came
   */
  public static boolean await(CallState state, Fd fd, short events, int timeoutMillis) {
    MemorySegment pollfd = state.scratch();
    pollfd.set(ValueLayout.JAVA_INT, 0, fd.number());
    pollfd.set(ValueLayout.JAVA_INT, POLLFD_EVENTS, events); // revents, the upper half, is zero
    return Syscall.call(state, SyscallNumber.POLL, pollfd.address(), 1, timeoutMillis) > 0;
  }
}
