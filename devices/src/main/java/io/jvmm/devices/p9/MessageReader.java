package io.jvmm.devices.p9;

import io.jvmm.host.tree.NodeName;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Takes the fields of a message, which lies in the host's memory, one after the other. What is not
 * there reads as zero, and makes the message broken.
 *
 * <p>Threads: belongs to one.
 */
final class MessageReader {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private MemorySegment message = MemorySegment.NULL;
  private int at;
  private int end;
  private boolean broken;

  /** Begins with the fields behind the header. */
  void begin(MemorySegment newMessage, int length) {
    message = newMessage;
    at = P9.HEADER_SIZE;
    end = length;
    broken = false;
  }

  private boolean has(int bytes) {
    if (bytes > end - at) {
      broken = true;
      at = end;
      return false;
    }
    return true;
  }

  int u8() {
    return has(Byte.BYTES) ? message.get(ValueLayout.JAVA_BYTE, at++) & 0xff : 0;
  }

  int u16() {
    if (!has(Short.BYTES)) {
      return 0;
    }
    int value = message.get(SHORT, at) & 0xffff;
    at += Short.BYTES;
    return value;
  }

  /** A {@code u32}, as an int of the same bits. */
  int u32() {
    if (!has(Integer.BYTES)) {
      return 0;
    }
    int value = message.get(INT, at);
    at += Integer.BYTES;
    return value;
  }

  /** A {@code u64}, as a long of the same bits. */
  long u64() {
    if (!has(Long.BYTES)) {
      return 0;
    }
    long value = message.get(LONG, at);
    at += Long.BYTES;
    return value;
  }

  /**
   * A string.
   *
   * @return false where it does not fit the name, or has a NUL inside; the message may be good
   */
  boolean name(NodeName into) {
    int length = u16();
    if (!has(length)) {
      into.clear();
      return false;
    }
    boolean fits = into.set(message, at, length);
    at += length;
    return fits;
  }

  /** Passes over a string. */
  void skipString() {
    int length = u16();
    if (has(length)) {
      at += length;
    }
  }

  /** Whether a field was not there. */
  boolean isBroken() {
    return broken;
  }
}
