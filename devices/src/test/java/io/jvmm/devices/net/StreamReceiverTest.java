package io.jvmm.devices.net;

import static io.jvmm.devices.net.StreamEnd.announced;
import static io.jvmm.devices.net.StreamEnd.frame;
import static io.jvmm.devices.net.StreamEnd.framed;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.net.StreamEnd.Buffers;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamReceiverTest {
  private static final int[] LENGTHS = {1, 14, 60, 1514, 9014, 65_534, NetBackend.FRAME_MAX};

  private final CallState state = CallState.current();
  private final Socket[] pair = Socket.pair("test");
  private final StreamEnd end = new StreamEnd(pair[1]);
  private final StreamReceiver receiver = new StreamReceiver();

  @AfterEach
  void close() {
    receiver.close();
    pair[0].close();
    end.close();
  }

  private long receive(Buffers buffers) {
    receiver.announced();
    return receiver.receive(state, pair[0], buffers.iovecs);
  }

  private void assertReceives(byte[] frame) {
    try (Buffers buffers = Buffers.whole()) {
      assertEquals(frame.length, receive(buffers));
      assertFalse(receiver.isMidFrame());
      assertArrayEquals(frame, buffers.bytes(frame.length));
    }
  }

  @Test
  void framesOfEveryLengthComeAsTheyWereSent() {
    for (int length : LENGTHS) {
      byte[] frame = frame(length, length);
      end.send(framed(frame));
      assertReceives(frame);
    }
  }

  @Test
  void framesThatCameTogetherAreOneEach() {
    for (int i = 1; i <= 20; i++) {
      end.send(framed(frame(20 * i, i)));
    }
    for (int i = 1; i <= 20; i++) {
      assertReceives(frame(20 * i, i));
    }
    try (Buffers buffers = Buffers.whole()) {
      assertEquals(-Errno.EAGAIN, receive(buffers));
    }
  }

  @Test
  void aFrameThatComesByteByByteIsPutTogether() {
    byte[] frame = frame(300, 1);
    byte[] wire = framed(frame);
    try (Buffers buffers = new Buffers(100, 1, 2, NetBackend.FRAME_MAX)) {
      for (int i = 0; i < wire.length - 1; i++) {
        end.trySend(wire, i, 1);
        assertEquals(-Errno.EAGAIN, receive(buffers));
        assertEquals(i >= 4, receiver.isMidFrame(), "after byte " + i);
      }
      end.trySend(wire, wire.length - 1, 1);
      assertEquals(frame.length, receive(buffers));
      assertArrayEquals(frame, buffers.bytes(frame.length));
    }
  }

  @Test
  void moreBuffersThanOneCallTakesAreFilledByMore() {
    int[] lengths = new int[1024];
    Arrays.fill(lengths, 64);
    lengths[1023] = NetBackend.FRAME_MAX;
    byte[] frame = frame(65_553, 3);
    end.send(framed(frame));
    end.send(framed(frame(99, 4)));
    try (Buffers buffers = new Buffers(lengths)) {
      assertEquals(frame.length, receive(buffers));
      assertArrayEquals(frame, buffers.bytes(frame.length));
    }
    assertReceives(frame(99, 4));
  }

  @Test
  void nothingIsReadAgainUntilSomethingIsAnnounced() {
    end.send(framed(frame(60, 1)));
    assertReceives(frame(60, 1));
    end.send(framed(frame(61, 2)));
    try (Buffers buffers = Buffers.whole()) {
      assertEquals(-Errno.EAGAIN, receiver.receive(state, pair[0], buffers.iovecs));
    }
    assertReceives(frame(61, 2));
  }

  @Test
  void aLengthThatIsNoneOfAFrameIsAnErrorBehindWhatWasRight() {
    for (int wrong : new int[] {0, NetBackend.FRAME_MAX + 1, Integer.MIN_VALUE, -1}) {
      receiver.reset();
      byte[] right = frame(60, 1);
      end.send(framed(right));
      end.send(announced(wrong));
      assertReceives(right);
      try (Buffers buffers = Buffers.whole()) {
        assertEquals(-Errno.EPROTO, receive(buffers), "length " + wrong);
        assertEquals(-Errno.EPROTO, receive(buffers), "and stays one");
        assertArrayEquals(new byte[0], buffers.bytes(0));
      }
    }
  }

  @Test
  void theFirstLengthCanBeWrongToo() {
    end.send(announced(0));
    try (Buffers buffers = Buffers.whole()) {
      assertEquals(-Errno.EPROTO, receive(buffers));
    }
  }

  @Test
  void anEndIsSaidWhereverItComes() {
    byte[] wire = framed(frame(100, 1));
    for (int cut : new int[] {0, 2, 4, 50, wire.length}) {
      Socket[] own = Socket.pair("test");
      try (StreamEnd other = new StreamEnd(own[1]);
          Socket ours = own[0];
          StreamReceiver fresh = new StreamReceiver();
          Buffers buffers = Buffers.whole()) {
        other.trySend(wire, 0, cut);
        other.hangUp();
        if (cut == wire.length) {
          assertEquals(100, fresh.receive(state, ours, buffers.iovecs));
        }
        fresh.receive(state, ours, buffers.iovecs);
        fresh.announced();
        assertEquals(-Errno.EPIPE, fresh.receive(state, ours, buffers.iovecs));
      }
    }
  }

  @Test
  void theRestOfAForgottenFrameIsNobodys() {
    byte[] forgotten = framed(frame(60_000, 1));
    byte[] next = frame(70, 2);
    try (Buffers buffers = Buffers.whole()) {
      end.trySend(forgotten, 0, 10_004);
      assertEquals(-Errno.EAGAIN, receive(buffers));
      assertTrue(receiver.isMidFrame());
      receiver.forget();
      assertFalse(receiver.isMidFrame());
      assertEquals(10_000, buffers.bytes(10_000).length);
    }
    end.trySend(forgotten, 10_004, 20_000);
    try (Buffers buffers = Buffers.whole()) {
      assertEquals(-Errno.EAGAIN, receive(buffers));
      assertArrayEquals(new byte[0], buffers.bytes(0));
    }
    end.trySend(forgotten, 30_004, 30_000);
    end.send(framed(next));
    assertReceives(next);
  }

  @Test
  void aFrameOfWhichOnlyTheLengthHasComeIsNotForgotten() {
    byte[] frame = frame(70, 2);
    try (Buffers buffers = Buffers.whole()) {
      end.trySend(framed(frame), 0, 4);
      assertEquals(-Errno.EAGAIN, receive(buffers));
      receiver.forget();
    }
    end.send(frame);
    assertReceives(frame);
  }

  @Test
  void randomPiecesOfRandomFramesAreTheFramesAgain() {
    Random random = new Random(42);
    for (int round = 0; round < 200; round++) {
      byte[][] frames = new byte[1 + random.nextInt(8)][];
      ByteArrayOutputStream wire = new ByteArrayOutputStream();
      for (int i = 0; i < frames.length; i++) {
        int most = random.nextInt(4) == 0 ? 20_000 : 200;
        frames[i] = frame(1 + random.nextInt(most), random.nextLong());
        wire.writeBytes(framed(frames[i]));
      }
      byte[] bytes = wire.toByteArray();
      int sent = 0;
      int got = 0;
      Buffers buffers = scattered(random);
      while (got < frames.length) {
        sent += end.trySend(bytes, sent, Math.min(bytes.length - sent, random.nextInt(5000)));
        long n = receive(buffers);
        if (n > 0) {
          assertArrayEquals(frames[got], buffers.bytes((int) n));
          got++;
        }
        if (!receiver.isMidFrame()) {
          buffers.close();
          buffers = scattered(random);
        }
      }
      buffers.close();
    }
  }

  private static Buffers scattered(Random random) {
    int[] lengths = new int[1 + random.nextInt(12)];
    for (int i = 0; i < lengths.length - 1; i++) {
      lengths[i] = 1 + random.nextInt(2000);
    }
    lengths[lengths.length - 1] = NetBackend.FRAME_MAX;
    return new Buffers(lengths);
  }
}
