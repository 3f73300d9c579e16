package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.block.DiskException;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A server that says anything: whatever it sends, data goes into the buffers of reads alone. */
class NbdHostileTest {
  private static final int ROUNDS = 3000;
  private static final NbdTarget TARGET = NbdTarget.parse("nbd://server/data");

  private final Random random = new Random(9);

  @Test
  void anyHandshakeEndsInAnExportOrARefusal() {
    int exports = 0;
    for (int round = 0; round < ROUNDS; round++) {
      try (NbdNegotiation negotiation = new NbdNegotiation(TARGET)) {
        exports += negotiate(negotiation) ? 1 : 0;
      } catch (DiskException e) {
        assertTrue(e.toString().contains(TARGET.text()), e::toString);
      }
    }
    assertTrue(exports > 0, "no handshake came through: the words are too random");
  }

  private boolean negotiate(NbdNegotiation negotiation) {
    ByteBuffer words = ByteBuffer.allocate(8192);
    words.putLong(NbdProtocol.INIT_MAGIC).putLong(NbdProtocol.OPTION_MAGIC).putShort((short) 3);
    for (int i = random.nextInt(6); i > 0; i--) {
      int type =
          switch (random.nextInt(4)) {
            case 0 -> NbdProtocol.REP_ACK;
            case 1 -> NbdProtocol.REP_FLAG_ERROR | random.nextInt(10);
            default -> NbdProtocol.REP_INFO;
          };
      int kind = random.nextInt(4);
      int length = kind == 0 ? 12 : kind == 3 ? 14 : random.nextInt(20);
      words.putLong(NbdProtocol.OPTION_REPLY_MAGIC).putInt(NbdProtocol.OPT_GO).putInt(type);
      words.putInt(length).putShort((short) kind);
      for (int left = length - 2; left > 0; left--) {
        words.put((byte) (random.nextInt(3) == 0 ? random.nextInt() : 0));
      }
      words.position(Math.max(0, words.position() + Math.min(0, length - 2)));
    }
    words.flip();
    for (int damage = random.nextInt(3); damage > 0; damage--) {
      words.put(random.nextInt(words.limit()), (byte) random.nextInt());
    }
    while (true) {
      switch (negotiation.next()) {
        case SEND -> negotiation.sent(1 + random.nextInt((int) negotiation.output().byteSize()));
        case RECEIVE -> {
          MemorySegment input = negotiation.input();
          assertTrue(input.byteSize() > 0 && input.byteSize() < 4200);
          int n = Math.min(1 + random.nextInt((int) input.byteSize()), words.remaining());
          if (n == 0) {
            return false; // hung up
          }
          MemorySegment.copy(words.array(), words.position(), input, ValueLayout.JAVA_BYTE, 0, n);
          words.position(words.position() + n);
          negotiation.received(n);
        }
        default -> {
          return true;
        }
      }
    }
  }

  /** Gives what a test has prepared, in pieces of any length. */
  private final class RandomChannel implements NbdChannel {
    private ByteBuffer words = ByteBuffer.allocate(0);

    @Override
    public long send(CallState state, IovecArray buffers) {
      return 1L + random.nextInt((int) buffers.byteCount());
    }

    @Override
    public long receive(CallState state, IovecArray buffers) {
      int n = Math.min(words.remaining(), 1 + random.nextInt(700));
      if (n == 0) {
        return -Errno.EAGAIN;
      }
      byte[] piece = new byte[n];
      words.get(words.position(), piece);
      int taken = buffers.copyFrom(MemorySegment.ofArray(piece), 0, n);
      words.position(words.position() + taken);
      return taken;
    }

    @Override
    public long flush(CallState state) {
      return 0;
    }

    @Override
    public boolean shortMeansEmpty() {
      return false;
    }
  }

  @Test
  void anyRepliesEndOperationsOnceOrTheConnection() {
    CallState state = CallState.current();
    NbdRequests requests = new NbdRequests();
    int[] ended = new int[NbdRequests.MAX];
    int[] answers = {0, 0};
    NbdReceiver.Listener listener =
        (ignored, request, result) -> {
          ended[request.token]++;
          requests.remove(request);
          answers[result == 0 ? 0 : 1]++;
        };
    RandomChannel channel = new RandomChannel();
    int broken = 0;
    try (NbdSender sender = new NbdSender(requests);
        NbdReceiver receiver = new NbdReceiver(requests, listener);
        Arena arena = Arena.ofConfined();
        IovecArray buffers = new IovecArray(2)) {
      MemorySegment guarded = arena.allocate(1 << 16, 8);
      buffers.add(guarded.address() + 4096, 512);
      buffers.add(guarded.address() + 8192, 512);
      for (int round = 0; round < ROUNDS; round++) {
        int count = 1 + random.nextInt(20);
        long[] cookies = new long[count];
        for (int i = 0; i < count; i++) {
          ended[i] = 0;
          int type = random.nextBoolean() ? NbdProtocol.CMD_READ : NbdProtocol.CMD_WRITE;
          requests.add(type, 0, 0, 1024, buffers, i);
          cookies[i] = requests.queued(i).cookie;
        }
        assertEquals(NbdSender.DONE, sender.send(state, channel));
        channel.words = replies(cookies);
        int result = receiver.receive(state, channel, false);
        broken += result < 0 ? 1 : 0;
        receiver.reset();
        requests.unsendAll();
        int left = 0;
        while (requests.takeUnsent() != null) {
          left++;
        }
        int told = 0;
        for (int i = 0; i < count; i++) {
          assertTrue(ended[i] <= 1, "an operation ended twice");
          told += ended[i];
        }
        assertEquals(count, told + left);
        assertEquals(0, requests.pendingCount());
        for (long at = 0; at < guarded.byteSize(); at += 512) {
          if (at != 4096 && at != 8192) {
            assertEquals(0, guarded.get(ValueLayout.JAVA_LONG, at), "a stray write");
          }
        }
      }
    }
    assertTrue(broken > 0 && broken < ROUNDS, "broken " + broken);
    assertTrue(answers[0] > 0 && answers[1] > 0);
  }

  private ByteBuffer replies(long[] cookies) {
    ByteBuffer words = ByteBuffer.allocate(64 << 10);
    int start = random.nextInt(cookies.length);
    for (int i = random.nextInt(cookies.length + 1); i > 0; i--) {
      long cookie = cookies[(start + i) % cookies.length];
      words.putInt(NbdProtocol.SIMPLE_REPLY_MAGIC);
      words.putInt(random.nextInt(4) == 0 ? random.nextInt(120) : 0).putLong(cookie);
      if (random.nextBoolean()) {
        for (int n = 0; n < 128; n++) {
          words.putLong(random.nextLong() | 1);
        }
      }
    }
    words.flip();
    for (int damage = random.nextInt(2); damage > 0 && words.limit() > 0; damage--) {
      words.put(random.nextInt(words.limit()), (byte) random.nextInt());
    }
    return words;
  }
}
