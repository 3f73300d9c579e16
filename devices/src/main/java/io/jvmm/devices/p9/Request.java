package io.jvmm.devices.p9;

import io.jvmm.host.CallState;
import io.jvmm.host.LittleEndian;
import io.jvmm.host.tree.NodeCalls;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One message of the driver on its way from the share's thread to a worker and back; reused.
 *
 * <p>All but the data of a write is copied out of guest memory once, before anything of it is
 * looked at.
 *
 * <p>Threads: whoever has it. The queues that it travels through hand its fields over.
 */
final class Request {
  /** What a message without data has at most: a walk of sixteen names, or a link's target. */
  static final int MESSAGE_MAX = 8 * 1024;

  /** Buffers either way: a message of a mebibyte in pages, a header before and something behind. */
  static final int BUFFERS_MAX = 264;

  // Freed with this object: closing a hundred arenas would keep a machine's end waiting.
  private final Arena arena = Arena.ofAuto();
  private final byte[] message = new byte[MESSAGE_MAX];
  private final MemorySegment view = MemorySegment.ofArray(message);
  private final IovecArray readable = new IovecArray(BUFFERS_MAX, arena);
  private final IovecArray writable = new IovecArray(BUFFERS_MAX, arena);

  private int head;
  private int copied;
  private int msize;

  // What the share's thread found for the worker.
  private @Nullable Fid fid;
  private @Nullable Fid other;
  private int newFid;

  // What the worker leaves for the share's thread.
  private final WalkedPath walked = new WalkedPath();
  private @Nullable ExtendedAttribute attribute;
  private int replyLength;
  private int dataBytes;

  /** Descriptors that the worker is to close. */
  private int[] closing = new int[4];

  private int closingCount;

  /** The request that waits for this one's end: a flush of it. */
  private @Nullable Request flush;

  Request() {}

  /** The share's thread: begins with a chain of the driver's. */
  void begin(int newHead) {
    head = newHead;
    readable.clear();
    writable.clear();
    fid = null;
    other = null;
    newFid = P9.NOFID;
    walked.clear();
    closingCount = 0;
    attribute = null;
    replyLength = 0;
    dataBytes = 0;
    flush = null;
  }

  IovecArray readable() {
    return readable;
  }

  IovecArray writable() {
    return writable;
  }

  /** The share's thread: copies the message; how much of it came is {@link #copied}. */
  void copyMessage(int newMsize) {
    msize = newMsize;
    copied = readable.copyTo(view, 0, MESSAGE_MAX);
  }

  byte[] message() {
    return message;
  }

  /** How long the message says it is; any number. */
  int size() {
    return LittleEndian.u32(message, 0);
  }

  int type() {
    return message[4] & 0xff;
  }

  int tag() {
    return LittleEndian.u16(message, 5);
  }

  /** The first field, which for most messages is a fid. */
  int firstField() {
    return LittleEndian.u32(message, P9.HEADER_SIZE);
  }

  /** The second. */
  int secondField() {
    return LittleEndian.u32(message, P9.HEADER_SIZE + Integer.BYTES);
  }

  /** Bytes of the message that can be looked at. */
  int copied() {
    return copied;
  }

  int head() {
    return head;
  }

  /** The most bytes of a reply. */
  int msize() {
    return msize;
  }

  /** The fid of the message. */
  Fid fid() {
    return required(fid);
  }

  @Nullable Fid fidOrNull() {
    return fid;
  }

  void setFid(Fid found) {
    fid = found;
  }

  /** The second fid of the message. */
  Fid other() {
    return required(other);
  }

  @Nullable Fid otherOrNull() {
    return other;
  }

  void setOther(Fid found) {
    other = found;
  }

  /** They are no longer used by this. */
  void forgetFids() {
    fid = null;
    other = null;
  }

  private static Fid required(@Nullable Fid found) {
    if (found == null) {
      throw new IllegalStateException("the session has put no fid here");
    }
    return found;
  }

  /** The number that a walk, an attach or an attribute is to have. */
  int newFid() {
    return newFid;
  }

  void setNewFid(int number) {
    newFid = number;
  }

  /** What a walk has come to, or what was made. */
  WalkedPath walked() {
    return walked;
  }

  /** The share's thread: one more descriptor for the worker to close. */
  void addClosing(int fd) {
    if (closingCount == closing.length) {
      closing = Arrays.copyOf(closing, closing.length * 2);
    }
    closing[closingCount++] = fd;
  }

  /** Worker: closes them. */
  void closeThem(CallState state) {
    for (int i = 0; i < closingCount; i++) {
      NodeCalls.close(state, closing[i]);
    }
    closingCount = 0;
  }

  @Nullable ExtendedAttribute attribute() {
    return attribute;
  }

  void setAttribute(ExtendedAttribute found) {
    attribute = found;
  }

  /** How many bytes of a file's were moved. */
  int dataBytes() {
    return dataBytes;
  }

  void setDataBytes(int count) {
    dataBytes = count;
  }

  int replyLength() {
    return replyLength;
  }

  void setReplyLength(int length) {
    replyLength = length;
  }

  @Nullable Request flush() {
    return flush;
  }

  /** Behind those that wait already: they are answered in the order in which they came. */
  void addFlush(Request waiting) {
    Request last = this;
    for (Request next = flush; next != null; next = next.flush) {
      last = next;
    }
    last.flush = waiting;
  }
}
