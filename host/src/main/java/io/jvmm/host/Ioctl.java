package io.jvmm.host;

import io.jvmm.host.internal.SyscallNumber;

/** {@code ioctl(2)}, and the arithmetic of its request numbers ({@code asm-generic/ioctl.h}). */
public final class Ioctl {
  private static final int NONE = 0;
  private static final int WRITE = 1;
  private static final int READ = 2;

  private Ioctl() {}

  /** {@code _IO(type, nr)}. */
  public static int io(int type, int nr) {
    return request(NONE, type, nr, 0);
  }

  /** {@code _IOW(type, nr, size)}. */
  public static int iow(int type, int nr, int size) {
    return request(WRITE, type, nr, size);
  }

  /** {@code _IOR(type, nr, size)}. */
  public static int ior(int type, int nr, int size) {
    return request(READ, type, nr, size);
  }

  /** {@code _IOWR(type, nr, size)}. */
  public static int iowr(int type, int nr, int size) {
    return request(READ | WRITE, type, nr, size);
  }

  private static int request(int direction, int type, int nr, int size) {
    return direction << 30 | size << 16 | type << 8 | nr;
  }

  /**
   * Cold: an ioctl by number or pointer argument; EINTR is not retried.
   *
   * @param name the request's name in the header, for the error
   * @param argument a number, or the address of a struct that the caller keeps alive
   * @throws SyscallException naming the request and the descriptor's role
   */
  public static long call(Fd fd, String name, int request, long argument) {
    long result = tryCall(CallState.current(), fd.number(), request, argument);
    if (result < 0) {
      throw new SyscallException("ioctl(" + name + ")", fd.role(), (int) -result);
    }
    return result;
  }

  /** Hot: answers {@code -errno} where the kernel refuses. */
  public static long tryCall(CallState state, int fd, int request, long argument) {
    return Syscall.call(state, SyscallNumber.IOCTL, fd, Integer.toUnsignedLong(request), argument);
  }
}
