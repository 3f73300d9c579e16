package io.jvmm.devices.block.nbd;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests: headers from here and data from the guest's memory, many in one system call.
 *
 * <p>Threads: the device's I/O thread.
 */
final class NbdSender implements AutoCloseable {
  /** Everything that there was, or that there was room for, is sent. */
  static final int DONE = 0;

  /** There is more, for another turn. */
  static final int MORE = 1;

  /** Bytes a turn, as of the block device: others on the thread get theirs. */
  static final long BYTES_PER_TURN = 4L << 20;

  private static final ValueLayout.OfInt BE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort BE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final int FLAGS_OFFSET = 4;
  private static final int TYPE_OFFSET = 6;
  private static final int COOKIE_OFFSET = 8;
  private static final int OFFSET_OFFSET = 16;
  private static final int LENGTH_OFFSET = 24;

  /** A header's place for each request, rounded up. */
  private static final int HEADER_STRIDE = 32;

  private final NbdRequests requests;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment headers =
      arena.allocate((long) NbdRequests.MAX * HEADER_STRIDE, Long.BYTES);
  private final long headersAddress = headers.address();
  private final IovecArray window = new IovecArray(IovecArray.IOV_MAX);
  private long moved;

  NbdSender(NbdRequests requests) {
    this.requests = requests;
  }

  /**
   * Hot: sends what is queued.
   *
   * @return {@link #DONE}, {@link #MORE}, or {@code -errno} where the connection is no good
   */
  int send(CallState state, NbdChannel channel) {
    long left = BYTES_PER_TURN;
    while (requests.queued() > 0) {
      if (left <= 0) {
        return MORE;
      }
      fillWindow(left);
      long n = channel.send(state, window);
      if (n > 0) {
        left -= n;
        moved += n;
        take(n);
      } else if (n == -Errno.EAGAIN) {
        return DONE;
      } else if (n != -Errno.EINTR) {
        return n == 0 ? -Errno.EPIPE : (int) n;
      }
    }
    long flushed = channel.flush(state);
    return flushed == 0 || flushed == -Errno.EAGAIN ? DONE : (int) flushed;
  }

  /** Bytes that were sent, on all connections. */
  long moved() {
    return moved;
  }

  private void fillWindow(long limit) {
    window.clear();
    for (int i = 0; i < requests.queued() && window.byteCount() < limit; i++) {
      NbdRequest request = requests.queued(i);
      long sent = request.sent;
      if (sent < NbdProtocol.REQUEST_SIZE) {
        long at = (long) request.slot * HEADER_STRIDE;
        if (sent == 0) {
          writeHeader(request, at);
        }
        if (!window.add(headersAddress + at + sent, NbdProtocol.REQUEST_SIZE - sent)) {
          return;
        }
        sent = NbdProtocol.REQUEST_SIZE;
      }
      IovecArray data = request.buffers;
      if (request.type == NbdProtocol.CMD_WRITE && data != null) {
        long skip = sent - NbdProtocol.REQUEST_SIZE;
        long length = request.part - skip;
        if (window.addFrom(data, request.done + skip, length) < length) {
          return;
        }
      }
    }
  }

  private void writeHeader(NbdRequest request, long at) {
    headers.set(BE32, at, NbdProtocol.REQUEST_MAGIC);
    headers.set(BE16, at + FLAGS_OFFSET, (short) request.flags);
    headers.set(BE16, at + TYPE_OFFSET, (short) request.type);
    headers.set(BE64, at + COOKIE_OFFSET, request.cookie);
    headers.set(BE64, at + OFFSET_OFFSET, request.offset + request.done);
    headers.set(BE32, at + LENGTH_OFFSET, (int) request.part);
  }

  private void take(long count) {
    long left = count;
    while (left > 0) {
      NbdRequest request = requests.queued(0);
      long n = Math.min(left, request.wireLength() - request.sent);
      request.sent += n;
      left -= n;
      if (request.isSent()) {
        requests.sentNext();
      }
    }
  }

  /** Says goodbye, as far as there is room: the server need not wonder. */
  void disconnect(CallState state, NbdChannel channel) {
    @Nullable NbdRequest cut = requests.queued() > 0 ? requests.queued(0) : null;
    if (cut != null && cut.sent > 0) {
      return; // in the middle of a request there is nothing to be said
    }
    headers.asSlice(0, HEADER_STRIDE).fill((byte) 0);
    headers.set(BE32, 0, NbdProtocol.REQUEST_MAGIC);
    headers.set(BE16, TYPE_OFFSET, (short) NbdProtocol.CMD_DISC);
    window.clear();
    window.add(headersAddress, NbdProtocol.REQUEST_SIZE);
    if (channel.send(state, window) > 0) {
      channel.flush(state);
    }
  }

  @Override
  public void close() {
    window.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
