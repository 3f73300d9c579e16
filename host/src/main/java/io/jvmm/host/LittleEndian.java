package io.jvmm.host;

/**
 * Little-endian integers in byte arrays, a byte at a time. What a compiler makes of it is as fast
 * as a VarHandle's; until then, and the first thousand messages of a guest are until then, it is
 * ten times as fast. The caller sees to the bounds.
 */
public final class LittleEndian {
  private LittleEndian() {}

  /** Reads a u16. */
  public static int u16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
  }

  /** Reads a u32, as an int of the same bits. */
  public static int u32(byte[] bytes, int at) {
    return (bytes[at] & 0xff)
        | (bytes[at + 1] & 0xff) << 8
        | (bytes[at + 2] & 0xff) << 16
        | bytes[at + 3] << 24;
  }

  /** Reads a u64, as a long of the same bits. */
  public static long u64(byte[] bytes, int at) {
    return (u32(bytes, at) & 0xffff_ffffL) | (long) u32(bytes, at + Integer.BYTES) << Integer.SIZE;
  }

  /** Writes a u16. */
  public static void putU16(byte[] bytes, int at, int value) {
    bytes[at] = (byte) value;
    bytes[at + 1] = (byte) (value >>> 8);
  }

  /** Writes a u32. */
  public static void putU32(byte[] bytes, int at, int value) {
    bytes[at] = (byte) value;
    bytes[at + 1] = (byte) (value >>> 8);
    bytes[at + 2] = (byte) (value >>> 16);
    bytes[at + 3] = (byte) (value >>> 24);
  }

  /** Writes a u64. */
  public static void putU64(byte[] bytes, int at, long value) {
    putU32(bytes, at, (int) value);
    putU32(bytes, at + Integer.BYTES, (int) (value >>> Integer.SIZE));
  }
}
