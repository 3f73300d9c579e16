package io.jvmm.devices.net;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Frames into a byte stream, each behind its length: one {@code sendmsg} a frame where there is
 * room, straight from the buffers that it is in. A frame of which a part is sent has to be finished
 * before any other, else the other side takes the wrong bytes for a length.
 *
 * <p>Threads: the device's I/O thread.
 */
final class StreamSender implements AutoCloseable {
  /** Zeroes that finish a frame whose memory is gone, over and over. */
  private static final int ZEROES_SIZE = 4096;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment prefix = arena.allocate(StreamReceiver.PREFIX_SIZE);
  private final long prefixAddress = prefix.address();
  private final long zeroesAddress = arena.allocate(ZEROES_SIZE).address();
  private final IovecArray window = new IovecArray(IovecArray.IOV_MAX);

  /** Of the frame that has begun, its length included; 0 for none. */
  private int total;

  private int sent;
  private boolean isForgotten;

  /** Another connection: nothing is half-sent. */
  void reset() {
    total = 0;
    sent = 0;
    isForgotten = false;
  }

  /** The memory of a frame that has begun is not to be touched again. */
  void forget() {
    if (sent == 0) {
      total = 0; // nothing of it is out
    }
    isForgotten = total > 0;
  }

  /**
   * Hot: sends one frame.
   *
   * @param frame the same again until it is sent
   * @return its length; {@code -EAGAIN} where there is no room for all of it now; {@code -EINVAL}
   *     where it is none, and nothing of it is sent; or another {@code -errno}
   */
  long send(CallState state, Socket socket, IovecArray frame) {
    long finished = finishForgotten(state, socket);
    if (finished < 0) {
      return finished;
    }
    int length = (int) Math.min(frame.byteCount(), Integer.MAX_VALUE);
    if (total == 0) {
      if (length < 1 || length > NetBackend.FRAME_MAX) {
        return -Errno.EINVAL;
      }
      prefix.set(StreamReceiver.PREFIX, 0, length);
      total = StreamReceiver.PREFIX_SIZE + length;
      sent = 0;
    } else if (total != StreamReceiver.PREFIX_SIZE + length) {
      throw new IllegalStateException("another frame before the one that has begun is sent");
    }
    while (sent < total) {
      window.clear();
      int ofFrame = addPrefix();
      window.addFrom(frame, ofFrame, length - ofFrame);
      long n = sendWindow(state, socket);
      if (n < 0) {
        return n;
      }
    }
    total = 0;
    return length;
  }

  /**
   * Hot: sends what is missing of a frame that was forgotten, in zeroes.
   *
   * @return 0 where nothing is missing any more, else {@code -EAGAIN} or another {@code -errno}
   */
  long finishForgotten(CallState state, Socket socket) {
    if (!isForgotten) {
      return 0;
    }
    while (sent < total) {
      window.clear();
      int ofFrame = addPrefix();
      for (int left = total - StreamReceiver.PREFIX_SIZE - ofFrame; left > 0; left -= ZEROES_SIZE) {
        window.add(zeroesAddress, Math.min(left, ZEROES_SIZE));
      }
      long n = sendWindow(state, socket);
      if (n < 0) {
        return n;
      }
    }
    reset();
    return 0;
  }

  /** What is left of the length in front; answers how much of the frame itself is sent. */
  private int addPrefix() {
    int left = StreamReceiver.PREFIX_SIZE - sent;
    if (left <= 0) {
      return -left;
    }
    window.add(prefixAddress + sent, left);
    return 0;
  }

  private long sendWindow(CallState state, Socket socket) {
    long n;
    do {
      n = socket.trySendVector(state, window.address(), window.count());
    } while (n == -Errno.EINTR);
    if (n > 0) {
      sent += (int) n;
    }
    return n;
  }

  @Override
  public void close() {
    window.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
