package io.jvmm.memory;

/**
 * A range that is not wholly inside one region of guest RAM. Thrown on cold paths; hot ones ask
 * {@link GuestMemory#translate}.
 */
public final class GuestAddressException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A range of {@code length} bytes at {@code gpa} that is not RAM. */
  public GuestAddressException(long gpa, long length) {
    super(
        "guest range 0x"
            + Long.toHexString(gpa)
            + " + "
            + Long.toUnsignedString(length)
            + " bytes is not in guest RAM");
  }
}
