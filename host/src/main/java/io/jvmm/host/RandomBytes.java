package io.jvmm.host;

import io.jvmm.host.internal.SyscallNumber;

/** The kernel's random bytes ({@code getrandom(2)}). */
public final class RandomBytes {
  private RandomBytes() {}

  /**
   * Hot: fills memory. Waits only on a host that has just been started and has no entropy yet.
   *
   * @return bytes made, which may be fewer than asked for, or {@code -errno}
   */
  public static long tryFill(CallState state, long address, long length) {
    return Syscall.call(state, SyscallNumber.GETRANDOM, address, length, 0);
  }
}
