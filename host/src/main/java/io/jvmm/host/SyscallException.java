package io.jvmm.host;

/**
 * A system call that the kernel refused: {@code ioctl(KVM_CREATE_VCPU, 3) on vm: EEXIST (17)}.
 * Thrown by cold wrappers only; hot ones answer {@code -errno}.
 */
public final class SyscallException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final String on;
  private final int errno;

  /**
   * @param call the call and its telling argument
   * @param on what it was made on: a path, or the role of a descriptor
   */
  public SyscallException(String call, String on, int errno) {
    super(call + " on " + on + ": " + Errno.symbol(errno) + " (" + errno + ")");
    this.call = call;
    this.on = on;
    this.errno = errno;
  }

  /** The call and its telling argument. */
  public String call() {
    return call;
  }

  /** What the call was made on. */
  public String on() {
    return on;
  }

  /** The error number, one of {@link Errno}. */
  public int errno() {
    return errno;
  }

  /** Whether the error is this one. */
  public boolean is(int otherErrno) {
    return errno == otherErrno;
  }

  /** Passes a result on, or throws where it is {@code -errno}. */
  static long check(long result, String call, String on) {
    if (result < 0) {
      throw new SyscallException(call, on, (int) -result);
    }
    return result;
  }
}
