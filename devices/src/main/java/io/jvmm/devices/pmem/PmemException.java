package io.jvmm.devices.pmem;

/** An image that cannot be mapped into a guest, for a reason that is no system call's. */
public final class PmemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param path of the image
   * @param reason what is wrong, after the path: {@code is empty}
   */
  public PmemException(String path, String reason) {
    super("pmem " + path + " " + reason);
  }
}
