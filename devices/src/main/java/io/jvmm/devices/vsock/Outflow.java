package io.jvmm.devices.vsock;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * What the host sends on one connection: bytes stay at its end until the guest has a buffer and
 * room; of messages the first is kept whole, since a guest may have room for a part.
 *
 * <p>Threads: the device's I/O thread.
 */
final class Outflow {
  /** {@link #read}: nothing now. */
  static final int NOTHING = 0;

  /** {@link #read}: the host sends no more. */
  static final int ENDED = -1;

  /** {@link #read}: the host's end is broken, or has what the guest could never get. */
  static final int BROKEN = -2;

  /** The longest message of the host; the guest's default room is four times as much. */
  static final int MESSAGE_MAX = 64 * 1024;

  private final Credit credit;
  private final HostEnd end;
  private final IovecArray vector;

  /** What is left of the message that the guest is getting. */
  private final @Nullable ByteFifo message;

  private boolean open;

  /** There may be something to read at the host's end. */
  private boolean readable;

  /**
   * @param messages whether it is one of messages
   * @param vector scratch
   */
  Outflow(Credit credit, HostEnd end, boolean messages, ChunkPool pool, IovecArray vector) {
    this.credit = credit;
    this.end = end;
    this.vector = vector;
    this.message = messages ? new ByteFifo(pool) : null;
  }

  /** The connection is open. */
  void start() {
    open = true;
  }

  /** One side has ended this direction for good. */
  void stop() {
    open = false;
  }

  /** Whether neither side has ended it. */
  boolean isOpen() {
    return open;
  }

  /** There may be something at the host's end. */
  void becomesReadable() {
    readable = true;
  }

  /** Whether {@link #read} may have something. */
  boolean hasData() {
    return open && (readable || (message != null && !message.isEmpty()));
  }

  /** Whether what was read last ends a message. */
  boolean isLast() {
    return message != null && message.isEmpty();
  }

  /**
   * Hot: reads what the guest has room for.
   *
   * @param room of the guest's buffer; used up by messages
   * @return how many bytes, or one of {@link #NOTHING} and so on
   */
  int read(CallState call, IovecArray room) {
    long length = Math.min(room.byteCount(), credit.available());
    if (length == 0) {
      return NOTHING; // a buffer without room for data
    }
    if (message == null) {
      vector.clear();
      vector.addFrom(room, 0, length);
      return result(end.tryRead(call, vector));
    }
    if (message.isEmpty()) {
      int n = readMessage(call, message);
      if (n <= 0) {
        return n;
      }
    }
    int n = (int) Math.min(message.size(), length);
    message.moveTo(room, n);
    return n;
  }

  private int readMessage(CallState call, ByteFifo whole) {
    vector.clear();
    if (!whole.reserve(vector, MESSAGE_MAX)) {
      return BROKEN;
    }
    long n = end.tryRead(call, vector);
    boolean fits = n <= MESSAGE_MAX && n <= credit.peerRoom(); // or it could never be whole
    whole.filled(fits ? (int) Math.max(0, n) : 0);
    return fits ? result(n) : BROKEN;
  }

  private int result(long n) {
    if (n > 0) {
      return (int) n;
    }
    readable = false;
    if (n == 0) {
      return ENDED;
    }
    return n == -Errno.EAGAIN ? NOTHING : BROKEN;
  }

  /** Throws away what was read and the guest has not got. */
  void drop() {
    if (message != null) {
      message.clear();
    }
  }
}
