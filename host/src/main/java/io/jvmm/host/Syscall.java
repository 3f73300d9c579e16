package io.jvmm.host;

/**
 * System calls for the packages below {@code io.jvmm.host}: each wrapper there is a few lines over
 * this.
 *
 * <p>Pointers are longs: the caller keeps what they point at alive until the call has returned.
 */
public final class Syscall {
  private Syscall() {}

  /** Hot: answers {@code -errno} where the kernel refuses, throws nothing, allocates nothing. */
  public static long call(
      CallState state, int number, long a, long b, long c, long d, long e, long f) {
    return state.syscall(number, a, b, c, d, e, f);
  }

  /** Hot, three arguments. */
  public static long call(CallState state, int number, long a, long b, long c) {
    return state.syscall(number, a, b, c, 0, 0, 0);
  }

  /** Hot, four arguments. */
  public static long call(CallState state, int number, long a, long b, long c, long d) {
    return state.syscall(number, a, b, c, d, 0, 0);
  }

  /**
   * Passes a result on.
   *
   * @throws SyscallException where it is {@code -errno}
   */
  public static long check(long result, String call, String on) {
    return SyscallException.check(result, call, on);
  }

  /**
   * Puts a path into the scratch memory of the calling thread's state.
   *
   * @return its address, good until the scratch memory is used again
   */
  public static long path(CallState state, String call, String path) {
    return state.path(call, path);
  }
}
