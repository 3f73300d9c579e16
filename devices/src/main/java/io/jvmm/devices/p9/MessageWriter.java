package io.jvmm.devices.p9;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Puts a reply together, which then goes to the driver in one piece.
 *
 * <p>Threads: belongs to one.
 */
final class MessageWriter {
  /** Bytes of a reply; those of a file come another way. */
  static final int CAPACITY = 128 * 1024;

  /** Bytes of a reply that needs no system call. */
  static final int SMALL = 256;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment message;
  private int at;

  /**
   * For replies of so many bytes at most, which is the caller's to see to.
   *
   * @param capacity {@link #CAPACITY} or {@link #SMALL}
   */
  MessageWriter(int capacity) {
    message = Arena.ofAuto().allocate(capacity, Long.BYTES);
  }

  /** Begins a reply behind its header, and forgets what there was. */
  MessageWriter begin() {
    at = P9.HEADER_SIZE;
    return this;
  }

  MessageWriter u8(int value) {
    message.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    at += Byte.BYTES;
    return this;
  }

  MessageWriter u16(int value) {
    message.set(SHORT, at, (short) value);
    at += Short.BYTES;
    return this;
  }

  MessageWriter u32(int value) {
    message.set(INT, at, value);
    at += Integer.BYTES;
    return this;
  }

  MessageWriter u64(long value) {
    message.set(LONG, at, value);
    at += Long.BYTES;
    return this;
  }

  MessageWriter qid(Qid qid) {
    return u8(qid.type()).u32(qid.version()).u64(qid.path());
  }

  /** Changes a u16 that was written. */
  void setU16(int offset, int value) {
    message.set(SHORT, offset, (short) value);
  }

  /** Changes a u32 that was written. */
  void setU32(int offset, int value) {
    message.set(INT, offset, value);
  }

  /** Where the next field goes. */
  int position() {
    return at;
  }

  /** Leaves room for bytes that somebody else fills. */
  void skip(int bytes) {
    at += bytes;
  }

  /** The whole reply, for who fills what was skipped. */
  MemorySegment message() {
    return message;
  }

  /**
   * Writes the header.
   *
   * @param length of the whole reply, data that come another way included
   */
  void end(int type, int tag, int length) {
    message.set(INT, 0, length);
    message.set(ValueLayout.JAVA_BYTE, Integer.BYTES, (byte) type);
    message.set(SHORT, Integer.BYTES + 1, (short) tag);
  }
}
