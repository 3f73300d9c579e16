package io.jvmm.devices.block;

/** A disk that cannot be used, for a reason that is no system call's. */
public final class DiskException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param path of the disk
   * @param reason what is wrong and what to do, after the path: {@code is in use by another VM}
   */
  public DiskException(String path, String reason) {
    super("disk " + path + " " + reason);
  }
}
