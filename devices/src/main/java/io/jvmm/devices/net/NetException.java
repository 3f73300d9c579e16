package io.jvmm.devices.net;

/** What should carry a network device's frames cannot be used. */
public final class NetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param what it is: {@code tap jvmm0}
   * @param reason what is wrong and what to do, after that: {@code is in use by another VM}
   */
  public NetException(String what, String reason) {
    super(what + " " + reason);
  }
}
