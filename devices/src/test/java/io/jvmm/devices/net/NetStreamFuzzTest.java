package io.jvmm.devices.net;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/**
 * Another side whose bytes are the fuzzer's, in pieces of its choice, and a device that now and
 * then forgets what it was about. Each frame comes as it was sent, none is made up, and nothing is
 * written but into the buffers that are there for it.
 */
final class NetStreamFuzzTest {
  private static final int PREFIX = 4;
  private static final int ROOM = NetBackend.FRAME_MAX;
  private static final int WIRE = 1 << 20;
  private static final byte UNTOUCHED = 0x55;
  private static final int CHECKED = 64;

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("NetStream", NetStreamFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    try (Session session = new Session(new FuzzInput(bytes))) {
      session.run();
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  /** One connection. */
  private static final class Session implements AutoCloseable {
    private final CallState state = CallState.current();
    private final FuzzInput input;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment wire = arena.allocate(WIRE);
    private final MemorySegment memory = arena.allocate(2L * ROOM);
    private final IovecArray buffers = new IovecArray(3);
    private final StreamReceiver receiver = new StreamReceiver();
    private final Socket[] pair = Socket.pair("fuzz");

    /** What was sent and where the next frame should begin in it. */
    private int sent;

    private int next;
    private int forgotten;
    private boolean isCut;

    Session(FuzzInput input) {
      this.input = input;
    }

    void run() {
      place();
      long n = 0;
      while (input.hasMore() && n >= -Errno.EAGAIN) {
        switch (input.below(5)) {
          case 0 -> sendFrame();
          case 1 -> sendBytes();
          case 2 -> forget();
          case 3 -> hangUp();
          default -> n = receive();
        }
      }
    }

    /** Fresh buffers of two or three pieces. */
    private void place() {
      memory.fill(UNTOUCHED);
      buffers.clear();
      int first = 1 + input.below(200);
      buffers.add(memory.address(), first);
      buffers.add(memory.address() + first, 30);
      buffers.add(memory.address() + first + 30, ROOM);
    }

    /** A frame, or the first bytes of one. */
    private void sendFrame() {
      int length = 1 + (input.below(16) == 0 ? input.u16() : input.below(200));
      length = Math.min(length, ROOM);
      if (isCut || sent + PREFIX + length > WIRE) {
        return;
      }
      put(length >>> 24);
      put(length >>> 16);
      put(length >>> 8);
      put(length);
      int told = input.below(8) == 0 ? input.below(length + 1) : length;
      int seed = input.u8();
      for (int i = 0; i < told; i++) {
        put(seed + i * 7);
      }
      flush(PREFIX + told);
    }

    private void sendBytes() {
      int n = input.below(40);
      if (isCut || sent + n > WIRE) {
        return;
      }
      for (int i = 0; i < n; i++) {
        put(input.u8());
      }
      flush(n);
    }

    private void put(int value) {
      wire.set(ValueLayout.JAVA_BYTE, sent++, (byte) value);
    }

    private void flush(int count) {
      long address = wire.address() + sent - count;
      long n = count == 0 ? 0 : pair[1].trySend(state, address, count);
      sent -= count - (int) Math.max(n, 0); // what there was no room for was never sent
    }

    private void forget() {
      forgotten += receiver.isMidFrame() ? 1 : 0;
      receiver.forget();
      check(!receiver.isMidFrame(), "half a frame that was forgotten");
      place();
    }

    private void hangUp() {
      if (input.below(8) == 0) {
        isCut = true;
        pair[1].tryShutdownOutput(state);
      }
    }

    private long receive() {
      receiver.announced();
      long n = receiver.receive(state, pair[0], buffers);
      if (n > 0 || n == -Errno.EPROTO) {
        for (; forgotten > 0; forgotten--) {
          next += PREFIX + length();
        }
      }
      if (n > 0) {
        checkFrame((int) n);
        next += PREFIX + (int) n;
        place();
      } else if (n == -Errno.EPROTO) {
        long length = length();
        check(length < 1 || length > ROOM, "a length of " + length + " is right");
        return Long.MIN_VALUE;
      } else if (n == -Errno.EPIPE) {
        check(isCut, "an end that nobody made");
        return Long.MIN_VALUE;
      } else {
        check(n == -Errno.EAGAIN, "result " + n);
        checkBeyond(sent);
      }
      return n;
    }

    /** What the next length says. */
    private int length() {
      check(next + PREFIX <= sent, "a frame before its length");
      return Integer.reverseBytes(wire.get(ValueLayout.JAVA_INT_UNALIGNED, next));
    }

    private void checkFrame(int n) {
      check(n == length(), "a frame of " + n + " bytes instead of " + length());
      check(next + PREFIX + n <= sent, "a frame that was not sent");
      long mismatch =
          MemorySegment.mismatch(wire, next + PREFIX, next + PREFIX + (long) n, memory, 0, n);
      check(mismatch < 0, "another byte at " + mismatch);
      checkBeyond(n);
    }

    private void checkBeyond(int from) {
      for (int i = from; i < Math.min(from + CHECKED, 2 * ROOM); i++) {
        check(memory.get(ValueLayout.JAVA_BYTE, i) == UNTOUCHED, "a byte beyond the frame");
      }
    }

    @Override
    public void close() {
      receiver.close();
      pair[0].close();
      pair[1].close();
      buffers.close();
      arena.close();
    }
  }
}
