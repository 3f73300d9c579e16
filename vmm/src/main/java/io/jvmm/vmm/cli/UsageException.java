package io.jvmm.vmm.cli;

/**
 * What the user asked for makes no sense; the message is the whole line, without the command's
 * name.
 */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, in one line. */
  public UsageException(String message) {
    super(message);
  }
}
