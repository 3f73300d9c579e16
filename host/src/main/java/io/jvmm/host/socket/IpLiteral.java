package io.jvmm.host.socket;

import org.jspecify.annotations.Nullable;

/**
 * Internet addresses as numbers, read without java.net, which takes its time to load and may ask a
 * name server.
 */
public final class IpLiteral {
  private static final int GROUPS = 8;

  private IpLiteral() {}

  /**
   * Reads {@code 192.0.2.1}, or IPv6 in RFC 4291's forms: {@code 2001:db8::1}, {@code
   * ::ffff:192.0.2.1}. No zones.
   *
   * @return 4 or 16 bytes, null where it is a name
   */
  public static byte @Nullable [] parse(String text) {
    return text.indexOf(':') >= 0 ? parse6(text) : parse4(text);
  }

  private static byte @Nullable [] parse4(String text) {
    byte[] address = new byte[4];
    int at = 0;
    for (int i = 0; i < 4; i++) {
      int end = i < 3 ? text.indexOf('.', at) : text.length();
      int value = end < 0 ? -1 : number(text, at, end, 10, 3);
      if (value < 0 || value > 255) {
        return null;
      }
      address[i] = (byte) value;
      at = end + 1;
    }
    return address;
  }

  private static byte @Nullable [] parse6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      byte[] all = groups(text, true);
      return all != null && all.length == 2 * GROUPS ? all : null;
    }
    byte[] before = groups(text.substring(0, gap), false);
    byte[] after = groups(text.substring(gap + 2), true);
    if (before == null || after == null || before.length + after.length > 2 * (GROUPS - 1)) {
      return null;
    }
    byte[] address = new byte[2 * GROUPS];
    System.arraycopy(before, 0, address, 0, before.length);
    System.arraycopy(after, 0, address, address.length - after.length, after.length);
    return address;
  }

  /** Groups between colons; at the address's end the last may be an IPv4 address. */
  private static byte @Nullable [] groups(String text, boolean atEnd) {
    byte[] found = new byte[2 * GROUPS];
    int length = 0;
    int at = 0;
    while (at < text.length()) {
      int colon = text.indexOf(':', at);
      int end = colon < 0 ? text.length() : colon;
      boolean last = colon < 0;
      byte[] four = last && atEnd ? parse4(text.substring(at)) : null;
      int size = four == null ? 2 : 4;
      if (length + size > found.length || (!last && end + 1 == text.length())) {
        return null;
      }
      if (four != null) {
        System.arraycopy(four, 0, found, length, size);
      } else {
        int value = number(text, at, end, 16, 4);
        if (value < 0) {
          return null;
        }
        found[length] = (byte) (value >> 8);
        found[length + 1] = (byte) value;
      }
      length += size;
      at = end + 1;
    }
    byte[] exact = new byte[length];
    System.arraycopy(found, 0, exact, 0, length);
    return exact;
  }

  /** One to {@code maxDigits} digits, or -1. */
  private static int number(String text, int from, int to, int radix, int maxDigits) {
    if (to == from || to - from > maxDigits) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      int digit = c < 128 ? Character.digit(c, radix) : -1;
      if (digit < 0) {
        return -1;
      }
      value = radix * value + digit;
    }
    return value;
  }
}
