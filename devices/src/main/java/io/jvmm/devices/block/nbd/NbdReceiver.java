package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.BlockBackend;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Takes simple replies: headers into a buffer here, data straight into the guest's memory. A header
 * is read ahead only where no data can come before it.
 *
 * <p>The server is not trusted: a reply to what was not asked, or not asked in full, ends the
 * connection; data goes nowhere but into the buffers of a read that waits for it.
 *
 * <p>Threads: the device's I/O thread.
 */
final class NbdReceiver implements AutoCloseable {
  /** Hears of operations that have ended. */
  interface Listener {
    /** Hot: the request is over, and its slot still taken. */
    void ended(CallState state, NbdRequest request, int result);
  }

  /** Everything that has come is taken. */
  static final int DONE = 0;

  /** There may be more, for another turn. */
  static final int MORE = 1;

  private static final ValueLayout.OfInt BE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int ERROR_OFFSET = 4;
  private static final int COOKIE_OFFSET = 8;

  private static final int HEADER = NbdProtocol.SIMPLE_REPLY_SIZE;
  private static final int CAPACITY = NbdRequests.MAX * HEADER;

  private final NbdRequests requests;
  private final Listener listener;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment headers = arena.allocate(CAPACITY, Long.BYTES);
  private final long headersAddress = headers.address();
  private final IovecArray window = new IovecArray(IovecArray.IOV_MAX);

  /** What has come of headers and is not taken: from {@code taken} to {@code filled}. */
  private int taken;

  private int filled;

  private long moved;

  /** The read whose data comes now. */
  private @Nullable NbdRequest reading;

  NbdReceiver(NbdRequests requests, Listener listener) {
    this.requests = requests;
    this.listener = listener;
  }

  /** A new connection: nothing has come. */
  void reset() {
    taken = 0;
    filled = 0;
    reading = null;
  }

  /**
   * Hot: takes what has come.
   *
   * @param ending whether the other side has hung up, so that the end comes after the data
   * @return {@link #DONE}, {@link #MORE}, or {@code -errno} where the connection is no good: EPROTO
   *     for nonsense, ESHUTDOWN where the server says so, ECONNRESET at its end
   */
  int receive(CallState state, NbdChannel channel, boolean ending) {
    long left = NbdSender.BYTES_PER_TURN;
    channel.beginTurn();
    while (left > 0) {
      long dataWanted = fillWindow(left);
      long wanted = window.byteCount();
      long n = channel.receive(state, window);
      if (n == -Errno.EAGAIN) {
        return DONE;
      }
      if (n == -Errno.EINTR) {
        continue;
      }
      if (n == NbdChannel.ENOUGH) {
        return MORE;
      }
      if (n <= 0) {
        return n == 0 ? -Errno.ECONNRESET : (int) n;
      }
      left -= n;
      moved += n;
      int result = take(state, n, dataWanted);
      if (result < 0) {
        return result;
      }
      if (n < wanted && !ending && channel.shortMeansEmpty()) {
        return DONE;
      }
    }
    return MORE;
  }

  /** Bytes that have come, on all connections. */
  long moved() {
    return moved;
  }

  /**
   * Shows where what comes next goes.
   *
   * @return how much of it is data
   */
  private long fillWindow(long limit) {
    window.clear();
    NbdRequest request = reading;
    long data = 0;
    int headersWanted;
    if (request != null) {
      IovecArray buffers = request.buffers;
      long missing = Math.min(request.part - request.received, limit);
      data =
          buffers == null ? 0 : window.addFrom(buffers, request.done + request.received, missing);
      boolean isRest = request.received + data == request.part;
      headersWanted = isRest && requests.sentCount() > 1 ? 1 : 0;
    } else if (requests.sentReads() > 0) {
      headersWanted = 1;
    } else {
      headersWanted = Math.max(1, requests.sentCount()); // one, to see the end of the connection
    }
    if (taken == filled) {
      taken = 0;
      filled = 0;
    }
    int room = headersWanted * HEADER - (filled - taken);
    if (room > 0) {
      if (filled + room > CAPACITY) {
        MemorySegment.copy(headers, taken, headers, 0, filled - taken);
        filled -= taken;
        taken = 0;
      }
      window.add(headersAddress + filled, room); // where there is no room: in the next call
    }
    return data;
  }

  private int take(CallState state, long n, long dataWanted) {
    NbdRequest request = reading;
    long data = Math.min(n, dataWanted);
    filled += (int) (n - data);
    if (request != null) {
      request.received += data;
      if (request.received < request.part) {
        return DONE;
      }
      reading = null;
      partDone(state, request);
    }
    while (filled - taken >= HEADER) {
      if (reading != null) {
        return -Errno.EPROTO; // where data should be, headers were promised: not asked for so
      }
      int result = header(state);
      if (result < 0) {
        return result;
      }
    }
    return DONE;
  }

  private int header(CallState state) {
    int magic = headers.get(BE32, taken);
    int error = headers.get(BE32, taken + ERROR_OFFSET);
    long cookie = headers.get(BE64, taken + COOKIE_OFFSET);
    taken += HEADER;
    if (magic != NbdProtocol.SIMPLE_REPLY_MAGIC) {
      return -Errno.EPROTO;
    }
    NbdRequest request = requests.answered(cookie);
    if (request == null) {
      return -Errno.EPROTO;
    }
    if (error == Errno.ESHUTDOWN) {
      return -Errno.ESHUTDOWN; // the request is not done, and may be by the next server
    }
    if (error != 0) {
      listener.ended(state, request, NbdProtocol.errno(error));
    } else if (request.isRead()) {
      if (taken != filled) {
        return -Errno.EPROTO; // read ahead, when this was not asked for
      }
      reading = request;
    } else {
      partDone(state, request);
    }
    return DONE;
  }

  private void partDone(CallState state, NbdRequest request) {
    if (requests.partDone(request)) {
      listener.ended(state, request, BlockBackend.DONE);
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
