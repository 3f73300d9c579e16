package io.jvmm.devices.p9;

/** A folder that cannot be shared as it was asked for, for a reason that is no system call's. */
public final class ShareException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param reason what is wrong, and what to do
   */
  public ShareException(String reason) {
    super(reason);
  }
}
