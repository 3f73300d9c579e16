package io.jvmm.devices.net;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Frames from a byte stream, each behind its length as four bytes, most significant first. One call
 * of {@code readv} takes the rest of a frame straight into the buffers that it is for, and the next
 * frame's length behind it.
 *
 * <p>Threads: the device's I/O thread.
 */
final class StreamReceiver implements AutoCloseable {
  /** Bytes of a frame's length in front of it. */
  static final int PREFIX_SIZE = 4;

  static final ValueLayout.OfInt PREFIX =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** Where frames that nobody wants any more are read to, over and over. */
  private static final int WASTE_SIZE = 4096;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment prefix = arena.allocate(PREFIX_SIZE);
  private final long prefixAddress = prefix.address();
  private final long wasteAddress = arena.allocate(WASTE_SIZE).address();
  private final IovecArray window = new IovecArray(IovecArray.IOV_MAX);

  /** Of the frame that comes; 0 where its length is not known. */
  private int length;

  private int received;

  /** Of the next length; all of it only where that is none. */
  private int prefixBytes;

  private boolean isWasted;

  /** Of all connections. */
  private long byteCount;

  /** The last call left nothing behind, and nothing was announced since. */
  private boolean isDrained;

  /** Another connection: nothing has come. */
  void reset() {
    length = 0;
    received = 0;
    prefixBytes = 0;
    isWasted = false;
    isDrained = false;
  }

  /** Hot: more has come, or the end has. */
  void announced() {
    isDrained = false;
  }

  /** How many bytes have come so far, over all connections. */
  long byteCount() {
    return byteCount;
  }

  /** Whether a part of a frame lies in the buffers of the last {@link #receive}. */
  boolean isMidFrame() {
    return received > 0 && !isWasted;
  }

  /** What is left of a frame that has begun is for nobody. */
  void forget() {
    isWasted |= received > 0;
  }

  /**
   * Hot: receives one frame.
   *
   * @param buffers have room for {@link NetBackend#FRAME_MAX} bytes
   * @return its length; {@code -EAGAIN} where not all of it has come; {@code -EPIPE} where the
   *     stream has ended; {@code -EPROTO} where it is none of frames; or another {@code -errno}
   */
  long receive(CallState state, Socket socket, IovecArray buffers) {
    while (true) {
      if (prefixBytes == PREFIX_SIZE) {
        return -Errno.EPROTO; // it says a length that is none
      }
      if (isDrained) {
        return -Errno.EAGAIN;
      }
      fillWindow(buffers);
      long n = socket.tryReceiveVector(state, window.address(), window.count());
      if (n == -Errno.EINTR) {
        continue;
      }
      if (n == 0) {
        return -Errno.EPIPE;
      }
      if (n < 0) {
        isDrained = n == -Errno.EAGAIN;
        return n;
      }
      byteCount += n;
      // The kernel stops early only where there is no more: what comes then is announced.
      isDrained = n < window.byteCount();
      int complete = take((int) n);
      if (complete != 0) {
        return complete;
      }
    }
  }

  private void fillWindow(IovecArray buffers) {
    window.clear();
    int missing = length - received;
    if (isWasted) {
      for (int left = missing; left > 0; left -= WASTE_SIZE) {
        window.add(wasteAddress, Math.min(left, WASTE_SIZE));
      }
    } else if (missing > 0) {
      long added = window.addFrom(buffers, received, missing);
      if (added < missing) {
        return;
      }
    }
    window.add(prefixAddress + prefixBytes, PREFIX_SIZE - prefixBytes);
  }

  /** Takes note of so many bytes; answers the length of a frame that is whole, or 0. */
  private int take(int count) {
    int ofFrame = Math.min(count, length - received);
    received += ofFrame;
    prefixBytes += count - ofFrame;
    int complete = 0;
    if (length > 0 && received == length) {
      complete = isWasted ? 0 : length;
      length = 0;
      received = 0;
      isWasted = false;
    }
    if (prefixBytes == PREFIX_SIZE) {
      int next = prefix.get(PREFIX, 0);
      if (next >= 1 && next <= NetBackend.FRAME_MAX) {
        length = next;
        prefixBytes = 0;
      } // else it is said when the frame before it has been taken
    }
    return complete;
  }

  @Override
  public void close() {
    window.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
