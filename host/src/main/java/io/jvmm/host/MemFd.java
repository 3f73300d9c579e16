package io.jvmm.host;

import io.jvmm.host.internal.SyscallNumber;

/**
 * A file that lives in memory ({@code memfd_create(2)}), to be mapped or handed to another process.
 */
public final class MemFd {
  static final int MFD_CLOEXEC = 1; // linux/memfd.h

  private MemFd() {}

  /**
   * Makes one of the given size; its pages cost memory when they are touched.
   *
   * @param name what {@code /proc/PID/maps} will show behind {@code /memfd:}
   */
  public static Fd create(String name, long length) {
    CallState state = CallState.current();
    long path = Syscall.path(state, "memfd_create", name);
    long n = Syscall.call(state, SyscallNumber.MEMFD_CREATE, path, MFD_CLOEXEC, 0);
    Fd fd = new Fd((int) Syscall.check(n, "memfd_create", name), name);
    try {
      Syscall.check(
          Syscall.call(state, SyscallNumber.FTRUNCATE, fd.number(), length, 0),
          "ftruncate(" + length + ")",
          name);
      return fd;
    } catch (SyscallException e) {
      fd.close();
      throw e;
    }
  }
}
