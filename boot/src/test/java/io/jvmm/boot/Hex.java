package io.jvmm.boot;

import java.util.HexFormat;

/** Bytes as a test writes them down. */
public final class Hex {
  private Hex() {}

  /** A part of an array, two digits a byte, a blank between. */
  public static String of(byte[] bytes, int from, int length) {
    return HexFormat.ofDelimiter(" ").formatHex(bytes, from, from + length);
  }

  /** All of an array. */
  public static String of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }
}
