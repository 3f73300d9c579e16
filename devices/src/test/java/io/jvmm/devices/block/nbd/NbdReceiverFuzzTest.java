package io.jvmm.devices.block.nbd;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/**
 * A server whose replies are the fuzzer's, to requests that it has. Each request ends once at most,
 * and data goes nowhere but into the buffers of reads that wait for it.
 */
final class NbdReceiverFuzzTest {
  private static final int BUFFER = 64;
  private static final int TOKENS = 16;
  private static final byte UNTOUCHED = 0x55;

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("NbdReceiver", NbdReceiverFuzzTest::fuzzerTestOneInput);
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
  private static final class Session implements NbdReceiver.Listener, NbdChannel, AutoCloseable {
    private final FuzzInput input;
    private final Arena arena = Arena.ofConfined();

    /** A buffer a token, and as much between it and the next. */
    private final MemorySegment memory = arena.allocate(2L * BUFFER * TOKENS, BUFFER);

    private final MemorySegment wire = arena.allocate(4096);
    private int wireLength;
    private final IovecArray[] buffers = new IovecArray[TOKENS];
    private final boolean[] pending = new boolean[TOKENS];
    private final boolean[] reads = new boolean[TOKENS];
    private final NbdRequests requests = new NbdRequests();
    private final NbdReceiver receiver = new NbdReceiver(requests, this);

    Session(FuzzInput input) {
      this.input = input;
      memory.fill(UNTOUCHED);
      requests.setPayloadMax(48); // so that some go in parts
      for (int i = 0; i < TOKENS; i++) {
        buffers[i] = new IovecArray(2);
        long at = memory.address() + 2L * BUFFER * i;
        buffers[i].add(at, 10);
        buffers[i].add(at + 10, BUFFER - 10);
      }
    }

    void run() {
      int result = NbdReceiver.DONE;
      while (input.hasMore() && result >= 0) {
        send();
        switch (input.below(4)) {
          case 0 -> begin(input.below(TOKENS), input.below(7));
          case 1 -> reply();
          case 2 -> noise();
          default -> result = receiver.receive(CallState.current(), this, input.bool());
        }
      }
      checkMemory();
    }

    private void begin(int token, int type) {
      if (pending[token]) {
        return;
      }
      boolean moves = type == NbdProtocol.CMD_READ || type == NbdProtocol.CMD_WRITE;
      pending[token] = true;
      reads[token] |= type == NbdProtocol.CMD_READ;
      int length = moves ? BUFFER : 0;
      requests.add(type, 0, 0, length, moves ? buffers[token] : null, token);
    }

    /** The server has all that is queued. */
    private void send() {
      while (requests.queued() > 0) {
        NbdRequest next = requests.queued(0);
        next.sent = next.wireLength();
        requests.sentNext();
      }
    }

    /** A reply with the right magic number, to a request that may be there. */
    private void reply() {
      if (wireLength + 16 > wire.byteSize()) {
        return;
      }
      put32(NbdProtocol.SIMPLE_REPLY_MAGIC);
      put32(input.below(8) == 0 ? input.u8() : 0);
      long part = input.below(8);
      put32((int) (part >>> 24));
      put32((int) part << 8 | input.below(TOKENS)); // see NbdRequests.enqueue
    }

    private void put32(int value) {
      wire.set(ValueLayout.JAVA_INT_UNALIGNED, wireLength, Integer.reverseBytes(value));
      wireLength += Integer.BYTES;
    }

    private void noise() {
      int n = Math.min(input.below(80), (int) wire.byteSize() - wireLength);
      for (int i = 0; i < n; i++) {
        wire.set(ValueLayout.JAVA_BYTE, wireLength++, (byte) input.u8());
      }
    }

    @Override
    public long receive(CallState state, IovecArray into) {
      if (wireLength == 0) {
        return -Errno.EAGAIN;
      }
      int n = into.copyFrom(wire, 0, Math.min(wireLength, 1 + input.below(64)));
      MemorySegment.copy(wire, n, wire, 0, wireLength - n);
      wireLength -= n;
      return n;
    }

    @Override
    public void ended(CallState state, NbdRequest request, int result) {
      check(pending[request.token], "a request that ends twice");
      check(result <= 0, "a result that is none");
      pending[request.token] = false;
      requests.remove(request);
    }

    private void checkMemory() {
      for (long at = 0; at < memory.byteSize(); at++) {
        int token = (int) (at / (2L * BUFFER));
        boolean mayChange = at % (2L * BUFFER) < BUFFER && reads[token];
        check(
            mayChange || memory.get(ValueLayout.JAVA_BYTE, at) == UNTOUCHED,
            "data where nobody waits for it");
      }
    }

    @Override
    public long send(CallState state, IovecArray from) {
      return -Errno.EAGAIN;
    }

    @Override
    public long flush(CallState state) {
      return 0;
    }

    @Override
    public boolean shortMeansEmpty() {
      return false;
    }

    @Override
    public void close() {
      receiver.close();
      for (IovecArray each : buffers) {
        each.close();
      }
      arena.close();
    }
  }
}
