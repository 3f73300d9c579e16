package io.jvmm.devices.vsock;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * What the guest sends on one connection, bytes or messages: straight to the host's end, and what
 * that does not take is kept in order.
 *
 * <p>Threads: the device's I/O thread.
 */
final class Inflow {
  /** It was passed on, or waits until the host's end has room. */
  static final int TAKEN = 0;

  /** It waits for another turn: others get theirs. */
  static final int MORE = 1;

  /** The host's end takes nothing any more. */
  static final int REFUSED = 2;

  /** There is no room to keep it, and some of it is lost. */
  static final int NO_ROOM = 3;

  /** What is passed on to the host's end in one go. */
  private static final int FLUSH_MAX = 256 * 1024;

  /** What a write counts as in that beside its bytes, since messages may have none. */
  private static final int WRITE_COST = 4096;

  private final Credit credit;
  private final HostEnd end;
  private final IovecArray vector;
  private final ByteFifo kept;

  /** Where the messages end in that, and how much there is of the one that has no end. */
  private final @Nullable MessageLengths ends;

  private int unended;

  /**
   * @param messages whether it is one of messages
   * @param vector scratch
   */
  Inflow(Credit credit, HostEnd end, boolean messages, ChunkPool pool, IovecArray vector) {
    this.credit = credit;
    this.end = end;
    this.vector = vector;
    this.kept = new ByteFifo(pool);
    this.ends = messages ? new MessageLengths(pool) : null;
  }

  /** Whether the host's end has taken all, up to the end of the last message. */
  boolean isFlushed() {
    return kept.isEmpty() && (ends == null || ends.isEmpty());
  }

  /** Whether a message has begun that has no end yet. */
  boolean isAmidMessage() {
    return unended > 0;
  }

  /**
   * Hot: takes what has come.
   *
   * @param data of which nothing is kept after the call; may be the scratch
   * @param isLast whether a message ends with it
   * @return one of {@link #TAKEN} and so on
   */
  int receive(CallState call, IovecArray data, boolean isLast) {
    return ends == null ? receiveBytes(call, data) : receiveMessage(call, ends, data, isLast);
  }

  private int receiveBytes(CallState call, IovecArray data) {
    if (kept.isEmpty() && data.byteCount() > 0) {
      long n = end.tryWrite(call, data);
      if (n > 0) {
        credit.forward((int) n);
        data.advance(n);
      } else if (n != -Errno.EAGAIN) {
        return REFUSED;
      }
    }
    return kept.append(data) ? TAKEN : NO_ROOM;
  }

  private int receiveMessage(
      CallState call, MessageLengths bounds, IovecArray data, boolean isLast) {
    int length = (int) data.byteCount();
    if (isLast && isFlushed()) {
      long n = end.tryWrite(call, data);
      if (n >= 0) {
        credit.forward(length);
        return TAKEN;
      }
      if (n != -Errno.EAGAIN) {
        return REFUSED;
      }
    }
    unended += length;
    if (!kept.append(data) || (isLast && !bounds.add(unended))) {
      return NO_ROOM;
    }
    if (!isLast) {
      return TAKEN;
    }
    unended = 0;
    return flush(call);
  }

  /**
   * Hot: passes on what was kept, as far as the host's end takes it.
   *
   * @return {@link #TAKEN}, {@link #MORE} or {@link #REFUSED}
   */
  int flush(CallState call) {
    int budget = FLUSH_MAX;
    while (!isFlushed()) {
      if (budget <= 0) {
        return MORE;
      }
      if (ends != null && ends.isEmpty()) {
        return TAKEN; // the message has no end yet
      }
      int length = ends == null ? Math.min(kept.size(), budget) : ends.first();
      vector.clear();
      kept.gather(vector, length);
      long n = end.tryWrite(call, vector);
      if (n == -Errno.EAGAIN) {
        return TAKEN;
      }
      if (n < 0 || (n == 0 && length > 0)) {
        return REFUSED;
      }
      passed(ends == null ? (int) n : length);
      if (ends == null && n < length) {
        return TAKEN;
      }
      budget -= WRITE_COST + length;
    }
    return TAKEN;
  }

  private void passed(int length) {
    kept.consume(length);
    credit.forward(length);
    if (ends != null) {
      ends.remove();
    }
  }

  /** Throws away what was kept. */
  void drop() {
    kept.clear();
    unended = 0;
    if (ends != null) {
      ends.clear();
    }
  }
}
