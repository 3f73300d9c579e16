package io.jvmm.devices.p9;

import io.jvmm.host.LittleEndian;
import io.jvmm.host.tree.NodeName;

/**
 * Takes the fields of a message, which lies in the host's memory, one after the other. What is not
 * there reads as zero, and makes the message broken.
 *
 * <p>Threads: belongs to one.
 */
final class MessageReader {
  private byte[] message = {};
  private int at;
  private int end;
  private boolean broken;

  /** Begins with the fields behind the header. */
  void begin(byte[] newMessage, int length) {
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
    return has(Byte.BYTES) ? message[at++] & 0xff : 0;
  }

  int u16() {
    if (!has(Short.BYTES)) {
      return 0;
    }
    int value = LittleEndian.u16(message, at);
    at += Short.BYTES;
    return value;
  }

  /** A {@code u32}, as an int of the same bits. */
  int u32() {
    if (!has(Integer.BYTES)) {
      return 0;
    }
    int value = LittleEndian.u32(message, at);
    at += Integer.BYTES;
    return value;
  }

  /** A {@code u64}, as a long of the same bits. */
  long u64() {
    if (!has(Long.BYTES)) {
      return 0;
    }
    long value = LittleEndian.u64(message, at);
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
