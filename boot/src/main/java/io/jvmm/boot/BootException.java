package io.jvmm.boot;

/**
 * A kernel, an initrd or a command line that cannot be booted: one line that says what is wrong
 * with which file, and what the limit is where there is one. The guest has not started.
 */
public final class BootException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with what. */
  public BootException(String message) {
    super(message);
  }

  /** What is wrong with what, because of a refused system call. */
  public BootException(String message, Throwable cause) {
    super(message, cause);
  }
}
