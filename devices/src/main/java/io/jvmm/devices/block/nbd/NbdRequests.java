package io.jvmm.devices.block.nbd;

import io.jvmm.memory.IovecArray;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The operations that have no answer yet: those to be sent, in order, and those that the server
 * has.
 *
 * <p>Threads: the device's I/O thread.
 */
final class NbdRequests {
  /** A server's queue is rarely deeper, and a cookie's low byte names the slot. */
  static final int MAX = 128;

  /**
   * Bytes that are trimmed or zeroed by one request: a server may take its time for more, and
   * nothing else is done on the connection of a simple one.
   */
  private static final long EXTENT_MAX = 1L << 30;

  private static final int SLOT_BITS = 8;
  private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;

  private final NbdRequest[] slots = new NbdRequest[MAX];
  private final int[] free = new int[MAX];
  private int freeCount = MAX;

  /** A ring of slots, what is sent next at its head. */
  private final int[] queue = new int[MAX];

  private int head;
  private int queued;

  private int sentCount;
  private int sentReads;
  private long parts;
  private long begun;
  private int payloadMax = NbdExport.PAYLOAD_DEFAULT;

  NbdRequests() {
    for (int i = 0; i < MAX; i++) {
      slots[i] = new NbdRequest(i);
      free[i] = MAX - 1 - i;
    }
  }

  /** What the server takes at once, from the next part on. */
  void setPayloadMax(int bytes) {
    payloadMax = bytes;
  }

  /** Hot: an operation begins; there are never more than {@link #MAX}. */
  void add(int type, int flags, long offset, long length, @Nullable IovecArray buffers, int token) {
    NbdRequest request = slots[free[--freeCount]];
    request.type = type;
    request.flags = flags;
    request.offset = offset;
    request.length = length;
    request.buffers = buffers;
    request.token = token;
    request.done = 0;
    request.order = begun++;
    request.pending = true;
    enqueue(request);
  }

  private void enqueue(NbdRequest request) {
    long limit = request.buffers == null ? EXTENT_MAX : payloadMax;
    request.part = Math.min(limit, request.length - request.done);
    request.cookie = parts++ << SLOT_BITS | request.slot;
    request.sent = 0;
    request.received = 0;
    int tail = head + queued++;
    queue[tail >= MAX ? tail - MAX : tail] = request.slot;
  }

  /** How many have not been sent in full. */
  int queued() {
    return queued;
  }

  /** One of those, 0 is next. */
  NbdRequest queued(int index) {
    int at = head + index;
    return slots[queue[at >= MAX ? at - MAX : at]];
  }

  /** The next one has been sent in full. */
  void sentNext() {
    if (queued(0).isRead()) {
      sentReads++;
    }
    sentCount++;
    head = head + 1 == MAX ? 0 : head + 1;
    queued--;
  }

  /** How many the server has. */
  int sentCount() {
    return sentCount;
  }

  /** How many of those are reads. */
  int sentReads() {
    return sentReads;
  }

  int pendingCount() {
    return MAX - freeCount;
  }

  /** The request that the server can answer with this cookie, or null. */
  @Nullable NbdRequest answered(long cookie) {
    int slot = (int) cookie & SLOT_MASK;
    if (slot >= MAX) {
      return null;
    }
    NbdRequest request = slots[slot];
    return request.pending && request.cookie == cookie && request.isSent() ? request : null;
  }

  /**
   * The server has done the part.
   *
   * @return whether that was the last one
   */
  boolean partDone(NbdRequest request) {
    request.done += request.part;
    if (request.done == request.length) {
      return true;
    }
    leaveServer(request);
    enqueue(request);
    return false;
  }

  /** The server has it no more, whatever became of it. */
  private void leaveServer(NbdRequest request) {
    sentCount--;
    if (request.isRead()) {
      sentReads--;
    }
  }

  /** The operation is over: its slot is free. One that the server has, or any after a drop. */
  void remove(NbdRequest request) {
    if (request.isSent()) {
      leaveServer(request);
    }
    request.pending = false;
    request.buffers = null;
    free[freeCount++] = request.slot;
  }

  /** The connection is gone: everything has to be sent again, in the order in which it came. */
  void unsendAll() {
    int[] pending = new int[pendingCount()];
    int count = 0;
    for (NbdRequest request : slots) {
      if (request.pending) {
        pending[count++] = request.slot;
      }
    }
    sort(pending);
    head = 0;
    queued = 0;
    sentCount = 0;
    sentReads = 0;
    Arrays.fill(queue, 0);
    for (int slot : pending) {
      enqueue(slots[slot]);
    }
  }

  private void sort(int[] pending) {
    for (int i = 1; i < pending.length; i++) {
      int slot = pending[i];
      int at = i;
      while (at > 0 && slots[pending[at - 1]].order > slots[slot].order) {
        pending[at] = pending[at - 1];
        at--;
      }
      pending[at] = slot;
    }
  }

  /** Takes the operation that comes first, when there is no connection; null where none is left. */
  @Nullable NbdRequest takeUnsent() {
    if (queued == 0) {
      return null;
    }
    NbdRequest request = queued(0);
    head = head + 1 == MAX ? 0 : head + 1;
    queued--;
    request.pending = false;
    request.buffers = null;
    free[freeCount++] = request.slot;
    return request;
  }
}
