package io.jvmm.devices.net;

import static io.jvmm.devices.net.StreamEnd.frame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.net.StreamEnd.Buffers;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamSenderTest {
  private final CallState state = CallState.current();
  private final Socket[] pair = Socket.pair("test");
  private final StreamEnd end = new StreamEnd(pair[1]);
  private final StreamSender sender = new StreamSender();

  @AfterEach
  void close() {
    sender.close();
    pair[0].close();
    end.close();
  }

  private long send(byte[] frame) {
    try (Buffers buffers = Buffers.of(frame)) {
      return sender.send(state, pair[0], buffers.iovecs);
    }
  }

  /** Sends frames until there is no room; the first that did not go. */
  private int fill(int length) {
    for (int i = 0; ; i++) {
      long n = send(frame(length, i));
      if (n == -Errno.EAGAIN) {
        return i;
      }
      assertEquals(length, n);
    }
  }

  @Test
  void framesOfEveryLengthGoBehindTheirLength() {
    for (int length : new int[] {1, 14, 60, 1514, 9014, NetBackend.FRAME_MAX}) {
      assertEquals(length, send(frame(length, length)));
      assertArrayEquals(frame(length, length), end.receiveFrame());
    }
  }

  @Test
  void aFrameInPiecesGoesAsOne() {
    try (Buffers buffers = new Buffers(3, 1, 70)) {
      assertEquals(74, sender.send(state, pair[0], buffers.iovecs));
      assertEquals(74, end.receiveFrame().length);
    }
  }

  @Test
  void whatIsNoFrameIsRefusedAndTheNextOneGoes() {
    assertEquals(-Errno.EINVAL, send(new byte[0]));
    assertEquals(-Errno.EINVAL, send(new byte[NetBackend.FRAME_MAX + 1]));
    assertEquals(60, send(frame(60, 1)));
    assertArrayEquals(frame(60, 1), end.receiveFrame());
  }

  @Test
  void aFrameThatIsHalfSentIsGoneOnWith() {
    int halfSent = fill(60_000);
    for (int i = 0; i < halfSent; i++) {
      assertArrayEquals(frame(60_000, i), end.receiveFrame());
    }
    assertEquals(60_000, send(frame(60_000, halfSent)));
    assertArrayEquals(frame(60_000, halfSent), end.receiveFrame());
  }

  @Test
  void anotherFrameBeforeThatIsOurBug() {
    fill(60_000);
    assertThrows(IllegalStateException.class, () -> send(frame(61, 1)));
  }

  @Test
  void whatIsMissingOfAForgottenFrameIsSentAsZeroes() {
    int halfSent = fill(60_000);
    sender.forget();
    assertTrue(send(frame(61, 1)) < 0, "there is no room yet");
    for (int i = 0; i < halfSent; i++) {
      assertArrayEquals(frame(60_000, i), end.receiveFrame());
    }
    assertEquals(61, send(frame(61, 1)));
    byte[] begun = end.receiveFrame();
    if (begun.length != 61) { // it was begun before it was forgotten
      byte[] whole = frame(60_000, halfSent);
      assertEquals(whole.length, begun.length);
      int same = 0;
      while (same < whole.length && begun[same] == whole[same]) {
        same++;
      }
      for (int i = same; i < begun.length; i++) {
        assertEquals(0, begun[i], "byte " + i);
      }
      begun = end.receiveFrame();
    }
    assertArrayEquals(frame(61, 1), begun);
  }

  @Test
  void aFrameOfWhichNothingIsOutIsForgottenWhole() {
    pair[0].setBuffers(1, 1); // as little as the kernel has
    while (send(frame(14, 1)) > 0) {}
    sender.forget();
    byte[] last = {};
    while (true) {
      byte[] some = end.tryReceive(1 << 20);
      if (some.length == 0) {
        break;
      }
      last = some;
    }
    assertTrue(last.length > 0);
    assertEquals(60, send(frame(60, 7)));
    assertArrayEquals(frame(60, 7), end.receiveFrame());
  }

  @Test
  void nobodyThereIsSaid() {
    end.close();
    assertEquals(-Errno.EPIPE, send(frame(60, 1)));
  }

  @Test
  void aSlowReaderGetsEveryFrameWhole() {
    Random random = new Random(7);
    ArrayDeque<byte[]> out = new ArrayDeque<>();
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (int i = 0; i < 300; i++) {
      out.add(frame(1 + random.nextInt(random.nextInt(3) == 0 ? 60_000 : 1500), i));
      expected.writeBytes(StreamEnd.framed(out.getLast()));
    }
    while (!out.isEmpty()) {
      long n = send(out.getFirst());
      if (n >= 0) {
        out.removeFirst();
      } else {
        assertEquals(-Errno.EAGAIN, n);
      }
      if (n < 0 || random.nextInt(3) == 0) {
        got.writeBytes(end.tryReceive(1 + random.nextInt(30_000)));
      }
    }
    got.writeBytes(end.receive(expected.size() - got.size()));
    assertArrayEquals(expected.toByteArray(), got.toByteArray());
  }
}
