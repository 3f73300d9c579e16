package io.jvmm.devices.p9;

/**
 * An extended attribute that is being read or put together, or the list of their names.
 *
 * <p>Threads: as {@link Fid}.
 */
final class ExtendedAttribute {
  /** Linux' XATTR_SIZE_MAX and XATTR_LIST_MAX ({@code linux/limits.h}). */
  static final int SIZE_MAX = 65536;

  private final byte[] name;
  private final byte[] value;
  private final int flags;
  private final boolean isForWriting;

  private ExtendedAttribute(byte[] name, byte[] value, int flags, boolean isForWriting) {
    this.name = name;
    this.value = value;
    this.flags = flags;
    this.isForWriting = isForWriting;
  }

  /** One that the driver reads. */
  static ExtendedAttribute toRead(byte[] value) {
    return new ExtendedAttribute(new byte[0], value, 0, false);
  }

  /**
   * One that is set when its fid is clunked.
   *
   * @param value zeroes, which the driver writes over
   * @param flags of {@code setxattr(2)}
   */
  static ExtendedAttribute toSet(byte[] name, byte[] value, int flags) {
    return new ExtendedAttribute(name, value, flags, true);
  }

  byte[] name() {
    return name;
  }

  byte[] value() {
    return value;
  }

  int flags() {
    return flags;
  }

  boolean isForWriting() {
    return isForWriting;
  }
}
