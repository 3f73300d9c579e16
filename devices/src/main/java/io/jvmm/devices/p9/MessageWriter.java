package io.jvmm.devices.p9;

import io.jvmm.host.LittleEndian;
import io.jvmm.host.tree.DirectoryEntries;
import java.lang.foreign.MemorySegment;

/**
 * Puts a reply together, which then goes to the driver in one piece.
 *
 * <p>Threads: belongs to one.
 */
final class MessageWriter {
  /** Bytes of a reply; those of a file come another way. */
  static final int CAPACITY = 64 * 1024;

  /** Bytes of a reply that needs no system call. */
  static final int SMALL = 256;

  private final byte[] message;
  private final MemorySegment view;
  private int at;

  /**
   * For replies of so many bytes at most, which is the caller's to see to.
   *
   * @param capacity {@link #CAPACITY} or {@link #SMALL}
   */
  MessageWriter(int capacity) {
    message = new byte[capacity];
    view = MemorySegment.ofArray(message);
  }

  /** Begins a reply behind its header, and forgets what there was. */
  MessageWriter begin() {
    at = P9.HEADER_SIZE;
    return this;
  }

  MessageWriter u8(int value) {
    message[at] = (byte) value;
    at += Byte.BYTES;
    return this;
  }

  MessageWriter u16(int value) {
    LittleEndian.putU16(message, at, value);
    at += Short.BYTES;
    return this;
  }

  MessageWriter u32(int value) {
    LittleEndian.putU32(message, at, value);
    at += Integer.BYTES;
    return this;
  }

  MessageWriter u64(long value) {
    LittleEndian.putU64(message, at, value);
    at += Long.BYTES;
    return this;
  }

  MessageWriter qid(Qid qid) {
    return u8(qid.type()).u32(qid.version()).u64(qid.path());
  }

  /** Changes a u16 that was written. */
  void setU16(int offset, int value) {
    LittleEndian.putU16(message, offset, value);
  }

  /** Changes a u32 that was written. */
  void setU32(int offset, int value) {
    LittleEndian.putU32(message, offset, value);
  }

  /** Where the next field goes. */
  int position() {
    return at;
  }

  /** Takes bytes from native memory. */
  void bytes(MemorySegment from, int count) {
    MemorySegment.copy(from, 0, view, at, count);
    at += count;
  }

  /** Takes the name of an entry. */
  void name(DirectoryEntries entries, int length) {
    entries.copyName(message, at, length);
    at += length;
  }

  /** The reply so far, for who carries it away. */
  MemorySegment message() {
    return view;
  }

  /**
   * Writes the header.
   *
   * @param length of the whole reply, data that come another way included
   */
  void end(int type, int tag, int length) {
    LittleEndian.putU32(message, 0, length);
    message[Integer.BYTES] = (byte) type;
    LittleEndian.putU16(message, Integer.BYTES + 1, tag);
  }
}
