package io.jvmm.devices.vsock;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The line with which a client says what it wants: {@code CONNECT PORT\n}, in upper or lower case,
 * the port decimal.
 */
final class Greeting {
  /** {@code CONNECT 4294967295\r\n}. */
  static final int MAX = 20;

  /** {@link #port}: the line has no end yet. */
  static final long MORE = -1;

  /** {@link #port}: it is no such line. */
  static final long WRONG = -2;

  private static final String WORD = "connect ";
  private static final long PORT_MAX = 0xffff_ffffL;

  private Greeting() {}

  /** How long the line at the front is, its end included, or 0 where it has none. */
  static int length(MemorySegment bytes, int count) {
    for (int i = 0; i < count; i++) {
      if (bytes.get(ValueLayout.JAVA_BYTE, i) == '\n') {
        return i + 1;
      }
    }
    return 0;
  }

  /** The port that the first {@code count} bytes ask for, or {@link #MORE} or {@link #WRONG}. */
  static long port(MemorySegment bytes, int count) {
    int length = length(bytes, count);
    int end = length == 0 ? count : length - 1;
    if (length > 1 && bytes.get(ValueLayout.JAVA_BYTE, length - 2) == '\r') {
      end--;
    }
    for (int i = 0; i < Math.min(end, WORD.length()); i++) {
      int c = bytes.get(ValueLayout.JAVA_BYTE, i);
      if (c >= 'A' && c <= 'Z') {
        c += 'a' - 'A';
      }
      if (c != WORD.charAt(i)) {
        return WRONG;
      }
    }
    if (length == 0) {
      return count < MAX ? MORE : WRONG;
    }
    if (length > MAX || end <= WORD.length()) {
      return WRONG;
    }
    long port = 0;
    for (int i = WORD.length(); i < end; i++) {
      int digit = bytes.get(ValueLayout.JAVA_BYTE, i) - '0';
      if (digit < 0 || digit > 9) {
        return WRONG;
      }
      port = 10 * port + digit;
    }
    return port > PORT_MAX ? WRONG : port;
  }
}
