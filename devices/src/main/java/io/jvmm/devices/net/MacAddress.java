package io.jvmm.devices.net;

import org.jspecify.annotations.Nullable;

/**
 * An Ethernet address.
 *
 * @param bits its six bytes as they lie in memory, read as a little-endian number: the first byte
 *     is the lowest
 */
public record MacAddress(long bits) {
  /** Bytes of an address. */
  public static final int LENGTH = 6;

  static final long MASK = (1L << 48) - 1;
  static final long BROADCAST = MASK;

  /** The lowest bit of the first byte: it is a group's. */
  static final long GROUP = 1;

  /** The next one: it is nobody's worldwide. */
  private static final long LOCAL = 2;

  private static final int TEXT_LENGTH = 3 * LENGTH - 1;

  /** Cuts what is not an address. */
  public MacAddress {
    bits &= MASK;
  }

  /**
   * An address of this machine's own: locally administered, of one station, from 64 bits that are
   * to be different for each.
   */
  public static MacAddress local(long entropy) {
    return new MacAddress((entropy & ~GROUP) | LOCAL);
  }

  /** The address as people write it, {@code 02:00:5e:10:00:01}; null where a text is none. */
  public static @Nullable MacAddress parse(String text) {
    if (text.length() != TEXT_LENGTH) {
      return null;
    }
    long bits = 0;
    for (int i = 0; i < LENGTH; i++) {
      int high = Character.digit(text.charAt(3 * i), 16);
      int low = Character.digit(text.charAt(3 * i + 1), 16);
      if (high < 0 || low < 0 || (i > 0 && text.charAt(3 * i - 1) != ':')) {
        return null;
      }
      bits |= (long) (high << 4 | low) << (8 * i);
    }
    return new MacAddress(bits);
  }

  /** Whether it is a group's: not to be had by one station. */
  public boolean isGroup() {
    return (bits & GROUP) != 0;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(TEXT_LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      int octet = (int) (bits >>> (8 * i)) & 0xff;
      text.append(i == 0 ? "" : ":");
      text.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 15, 16));
    }
    return text.toString();
  }
}
