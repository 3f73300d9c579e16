package io.jvmm.virtio.fuzz;

/**
 * Choices out of the bytes of a fuzzer, from the first to the last. When they are used up, every
 * choice is 0: a target loops {@code while (input.hasMore())}.
 */
public final class FuzzInput {
  private final byte[] bytes;
  private int position;

  /** Takes the bytes as they are. */
  public FuzzInput(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Whether there is a byte left. */
  public boolean hasMore() {
    return position < bytes.length;
  }

  /** 0 to 255. */
  public int u8() {
    return hasMore() ? bytes[position++] & 0xff : 0;
  }

  /** 0 to 65535, little-endian. */
  public int u16() {
    return u8() | u8() << 8;
  }

  /** Any int, little-endian. */
  public int i32() {
    return u16() | u16() << 16;
  }

  /** Any long, little-endian. */
  public long i64() {
    return (i32() & 0xffff_ffffL) | (long) i32() << 32;
  }

  /** True or false. */
  public boolean bool() {
    return (u8() & 1) != 0;
  }

  /**
   * 0 to {@code bound - 1}.
   *
   * @param bound 1 to 65536
   */
  public int below(int bound) {
    return (bound <= 256 ? u8() : u16()) % bound;
  }

  /** A guest address: mostly inside of RAM, now and then any. */
  public long gpa(long ram) {
    return u8() < 240 ? (i32() & 0xffff_ffffL) % ram : i64();
  }

  /** A length: mostly short, now and then any 32 bits. */
  public int length() {
    return u8() < 240 ? u16() & 0xfff : i32();
  }

  /** What is left, to be parsed by something else. */
  public byte[] rest() {
    byte[] rest = new byte[bytes.length - position];
    System.arraycopy(bytes, position, rest, 0, rest.length);
    position = bytes.length;
    return rest;
  }
}
