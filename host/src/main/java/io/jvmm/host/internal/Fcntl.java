package io.jvmm.host.internal;

import io.jvmm.host.CallState;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;

/** {@code fcntl.h}: how files are opened, and {@code fcntl(2)} for what is open. */
public final class Fcntl {
  public static final int AT_FDCWD = -100; // linux/fcntl.h
  public static final int AT_EMPTY_PATH = 0x1000;
  public static final int O_RDONLY = 0; // asm-generic/fcntl.h
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_ACCMODE = 3;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_NOCTTY = 0x100;
  public static final int O_TRUNC = 0x200;
  public static final int O_NONBLOCK = 0x800;
  public static final int O_DIRECT = 0x4000;
  public static final int O_CLOEXEC = 0x80000;
  public static final int F_GETFL = 3;
  public static final int F_SETFL = 4;
  public static final int F_OFD_GETLK = 36;
  public static final int F_OFD_SETLK = 37;
  public static final int F_DUPFD_CLOEXEC = 1030; // linux/fcntl.h
  public static final int F_RDLCK = 0; // asm-generic/fcntl.h
  public static final int F_WRLCK = 1;
  public static final int F_UNLCK = 2;

  private Fcntl() {}

  /**
   * Another descriptor of what is open, closed on exec; the two share their {@link #flags}.
   *
   * @param role for error texts, and the copy's
   * @throws io.jvmm.host.SyscallException EBADF where the descriptor is not open
   */
  public static Fd copy(int number, String role) {
    return copyFrom(0, number, role);
  }

  /** The same, with the first free number from {@code least} on. */
  public static Fd copyFrom(int least, int number, String role) {
    long copy =
        Syscall.call(CallState.current(), SyscallNumber.FCNTL, number, F_DUPFD_CLOEXEC, least);
    return new Fd((int) Syscall.check(copy, "fcntl(F_DUPFD_CLOEXEC)", role), role);
  }

  /**
   * How it was opened, and what was set since: O_ACCMODE, O_NONBLOCK and so on.
   *
   * @throws io.jvmm.host.SyscallException EBADF where the descriptor is not open
   */
  public static int flags(int number, String role) {
    long flags = Syscall.call(CallState.current(), SyscallNumber.FCNTL, number, F_GETFL, 0);
    return (int) Syscall.check(flags, "fcntl(F_GETFL)", role);
  }

  /** They are not the descriptor's: they hold for all who have the same open file. */
  public static void setFlags(Fd fd, int flags) {
    long result =
        Syscall.call(CallState.current(), SyscallNumber.FCNTL, fd.number(), F_SETFL, flags);
    Syscall.check(result, "fcntl(F_SETFL)", fd.role());
  }

  /** From now on calls answer EAGAIN where they would wait, for all who have it. */
  public static void setNonBlocking(Fd fd) {
    setFlags(fd, flags(fd.number(), fd.role()) | O_NONBLOCK);
  }
}
