package io.jvmm.devices.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Random;

/** The other side of a stream of frames, which does what it likes. */
final class StreamEnd implements AutoCloseable {
  private static final int HANG_MILLIS = 60_000;

  private final CallState state = CallState.current();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(1 << 20);
  private final Socket socket;

  StreamEnd(Socket socket) {
    this.socket = socket;
  }

  /** A frame as it goes over the stream. */
  static byte[] framed(byte[] frame) {
    return ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame).array();
  }

  /** A frame that says a length and has none. */
  static byte[] announced(int length) {
    return ByteBuffer.allocate(4).putInt(length).array();
  }

  static byte[] frame(int length, long seed) {
    byte[] frame = new byte[length];
    new Random(seed).nextBytes(frame);
    return frame;
  }

  /** Sends all of it, as there is room. */
  void send(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      int n = trySend(bytes, at, bytes.length - at);
      if (n == 0) {
        assertTrue(socket.awaitWritable(state, HANG_MILLIS), "room for what the end sends");
      }
      at += n;
    }
  }

  /** Sends what there is room for. */
  int trySend(byte[] bytes, int from, int length) {
    int n = (int) Math.min(length, buffer.byteSize());
    MemorySegment.copy(bytes, from, buffer, ValueLayout.JAVA_BYTE, 0, n);
    long sent = socket.trySend(state, buffer.address(), n);
    if (sent == -Errno.EAGAIN) {
      return 0;
    }
    assertTrue(sent >= 0, () -> "sent " + sent);
    return (int) sent;
  }

  /** Receives exactly so many bytes. */
  byte[] receive(int count) {
    byte[] all = new byte[count];
    int at = 0;
    while (at < count) {
      assertTrue(socket.awaitReadable(state, HANG_MILLIS), "something for the end to read");
      byte[] some = tryReceive(count - at);
      System.arraycopy(some, 0, all, at, some.length);
      at += some.length;
    }
    return all;
  }

  /** Receives what is there, no more than so many bytes. */
  byte[] tryReceive(int max) {
    long n = socket.tryReceive(state, buffer.address(), Math.min(max, buffer.byteSize()));
    return n <= 0 ? new byte[0] : buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Receives one frame. */
  byte[] receiveFrame() {
    int length = ByteBuffer.wrap(receive(4)).getInt();
    return receive(length);
  }

  /** Sends nothing any more. */
  void hangUp() {
    socket.tryShutdownOutput(state);
  }

  /** Whether the stream has ended, which is waited for. */
  void awaitEnd() {
    assertTrue(socket.awaitReadable(state, HANG_MILLIS), "the end of the stream");
    long n = socket.tryReceive(state, buffer.address(), 1);
    assertTrue(n == 0 || n == -Errno.ECONNRESET, () -> "received " + n);
  }

  @Override
  public void close() {
    socket.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  /**
   * Buffers as a guest's: pieces of such lengths, with bytes between them that stay as they are.
   */
  static final class Buffers implements AutoCloseable {
    private static final byte UNTOUCHED = 0x55;
    private static final int GAP = 8;

    final IovecArray iovecs;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final int[] lengths;

    Buffers(int... lengths) {
      this.lengths = lengths;
      long size = 0;
      for (int length : lengths) {
        size += length + GAP;
      }
      memory = arena.allocate(size);
      memory.fill(UNTOUCHED);
      iovecs = new IovecArray(lengths.length);
      long at = 0;
      for (int length : lengths) {
        iovecs.add(memory.address() + at, length);
        at += length + GAP;
      }
    }

    /** One that has room for any frame. */
    static Buffers whole() {
      return new Buffers(NetBackend.FRAME_MAX);
    }

    static Buffers of(byte[] frame) {
      Buffers buffers = new Buffers(frame.length);
      MemorySegment.copy(frame, 0, buffers.memory, ValueLayout.JAVA_BYTE, 0, frame.length);
      return buffers;
    }

    /** The first bytes of them, one piece behind the other; asserts that no other was touched. */
    byte[] bytes(int count) {
      byte[] all = new byte[count];
      long at = 0;
      int done = 0;
      for (int length : lengths) {
        int n = Math.min(length, count - done);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at, all, done, n);
        for (int i = n; i < length + GAP; i++) {
          assertEquals(UNTOUCHED, memory.get(ValueLayout.JAVA_BYTE, at + i), "beyond the frame");
        }
        done += n;
        at += length + GAP;
      }
      return all;
    }

    @Override
    public void close() {
      iovecs.close();
      arena.close();
    }
  }
}
