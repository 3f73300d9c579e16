package io.jvmm.vmm.control;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts bytes into lines, which end in a newline; a carriage return before it is left out.
 *
 * <p>Threads: belongs to one thread.
 */
final class LineBuffer {
  /** A request is a command and a few numbers; a longer line is none. */
  static final int LINE_MAX = 4096;

  private final byte[] line = new byte[LINE_MAX];
  private int length;

  /**
   * Takes the next byte.
   *
   * @return the line that it ends, or null
   * @throws ControlException where the line gets too long
   */
  byte @Nullable [] add(byte b) {
    if (b == '\n') {
      int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
      length = 0;
      return Arrays.copyOf(line, end);
    }
    if (length == LINE_MAX) {
      throw new ControlException(
          ControlException.Kind.BAD_REQUEST, "a line has at most " + LINE_MAX + " bytes");
    }
    line[length++] = b;
    return null;
  }

  /** Whether a line has begun and not ended. */
  boolean isInsideLine() {
    return length > 0;
  }
}
