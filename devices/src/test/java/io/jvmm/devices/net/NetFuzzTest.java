package io.jvmm.devices.net;

import io.jvmm.devices.driver.FuzzedDevice;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A network device, control queue included, between a driver and a wire that do as they like. */
final class NetFuzzTest {
  private static final MacAddress MAC = new MacAddress(2);

  /** As a tap: headers, several pairs of queues. And as a stream: no headers, frames in parts. */
  private static final List<FuzzedWire> WIRES =
      List.of(new FuzzedWire(true, 2), new FuzzedWire(false, 1));

  private static final List<FuzzedDevice> DEVICES =
      List.of(device(WIRES.get(0)), device(WIRES.get(1)));

  private static FuzzedDevice device(FuzzedWire wire) {
    return new FuzzedDevice(
        loop -> {
          NetOptions options = NetOptions.of(MAC).withQueuePairs(wire.pairs);
          Net net = new Net(wire, options, loop, news -> {});
          wire.net = net;
          return net;
        },
        wire::act);
  }

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("Net", NetFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    int which = bytes.length == 0 ? 0 : bytes[0] & 1;
    WIRES.get(which).begin();
    DEVICES.get(which).run(bytes);
  }

  /** Frames of any length at any time, room or none, parts, an end and a return. */
  private static final class FuzzedWire implements NetBackend {
    final int pairs;
    @Nullable Net net;
    private final boolean header;
    private final MemorySegment bytes = Arena.global().allocate(NetHeader.SIZE + FRAME_MAX);
    private final CountDownLatch attached = new CountDownLatch(1);
    private final Part[] parts;
    private final int[] waiting; // frames, by pair
    private @Nullable IoLoop loop;
    private @Nullable NetEvents events;

    // The loop's.
    private long sendAnswer;
    private int frameLength = 60;
    private boolean isCut;
    private boolean isGone;

    /** What was said when a part of a frame came: the rest has to find the same. */
    private static final class Part {
      boolean isPending;
      long address;
      long byteCount;
    }

    FuzzedWire(boolean header, int pairs) {
      this.header = header;
      this.pairs = pairs;
      this.waiting = new int[pairs];
      this.parts = new Part[pairs];
      for (int i = 0; i < pairs; i++) {
        parts[i] = new Part();
      }
    }

    void begin() {
      onLoop(
          () -> {
            sendAnswer = 0;
            frameLength = 60;
            isCut = false;
            Arrays.fill(waiting, 0);
            comeBack();
          });
    }

    private void onLoop(Runnable action) {
      try {
        attached.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      IoLoop own = loop;
      if (own != null) {
        own.execute(action);
      }
    }

    void act(FuzzInput input) {
      int what = input.below(8);
      int number = input.u16();
      int pair = input.below(pairs);
      Net own = net;
      if (what == 7 && own != null) {
        own.setLink((number & 1) != 0);
      } else {
        onLoop(() -> act(CallState.current(), what, number, pair));
      }
    }

    private void act(CallState state, int what, int number, int pair) {
      NetEvents told = events;
      if (told == null) {
        return;
      }
      switch (what) {
        case 0 -> {
          isGone = true;
          told.gone(state, "fuzzed");
        }
        case 1 -> comeBack();
        case 2 -> sendAnswer = (number & 1) != 0 ? -Errno.EAGAIN : -Errno.EIO;
        case 3 -> {
          sendAnswer = 0;
          told.sendable(state, pair);
        }
        case 4 -> isCut = !header;
        default -> {
          frameLength = number % 7 == 0 ? FRAME_MAX : 1 + number % 2000;
          waiting[pair] = 1 + number % 5;
          told.receivable(state, pair);
        }
      }
    }

    private void comeBack() {
      NetEvents told = events;
      if (isGone && told != null) {
        isGone = false;
        told.back(CallState.current());
      }
    }

    @Override
    public String name() {
      return "fuzzed wire";
    }

    @Override
    public int maxQueuePairs() {
      return pairs;
    }

    @Override
    public boolean hasHeader() {
      return header;
    }

    @Override
    public long offloads() {
      return header ? NetFeatures.OFFLOADS : 0;
    }

    @Override
    public int mtu() {
      return 1500;
    }

    @Override
    public void attach(IoLoop newLoop, NetEvents newEvents) {
      loop = newLoop;
      events = newEvents;
      attached.countDown();
    }

    @Override
    public boolean setQueuePairs(int count) {
      check(count >= 1 && count <= pairs, count + " pairs");
      return true;
    }

    @Override
    public void setGuestOffloads(long features) {
      check((features & ~NetFeatures.GUEST_OFFLOADS) == 0, "offloads of the other side");
    }

    @Override
    public long tryReceive(CallState state, int pair, IovecArray buffers) {
      int room = (header ? NetHeader.SIZE : 0) + FRAME_MAX;
      check(buffers.byteCount() >= room, "no room for a frame: " + buffers.byteCount());
      check(buffers.count() <= IovecArray.IOV_MAX, buffers.count() + " buffers");
      Part part = parts[pair];
      if (part.isPending) {
        check(
            buffers.address() == part.address && buffers.byteCount() == part.byteCount,
            "a half frame's buffers have moved");
        part.isPending = false;
      }
      if (waiting[pair] == 0 || isGone) {
        return -Errno.EAGAIN;
      }
      if (isCut) {
        isCut = false;
        part.isPending = true;
        part.address = buffers.address();
        part.byteCount = buffers.byteCount();
        return -Errno.EAGAIN;
      }
      waiting[pair]--;
      int length = Math.min(room, frameLength + (header ? NetHeader.SIZE : 0));
      buffers.copyFrom(bytes, 0, length);
      return length;
    }

    @Override
    public boolean isMidFrame(int pair) {
      return parts[pair].isPending;
    }

    @Override
    public long trySend(CallState state, int pair, IovecArray frame) {
      long length = frame.byteCount() - (header ? NetHeader.SIZE : 0);
      check(length >= 14 && length <= FRAME_MAX, "a frame of " + length);
      frame.copyTo(bytes, 0, (int) frame.byteCount());
      return isGone ? -Errno.EPIPE : sendAnswer;
    }

    @Override
    public void forget(CallState state, int pair) {
      parts[pair].isPending = false;
    }

    @Override
    public void detach() {}

    @Override
    public void close() {}

    private static void check(boolean holds, String otherwise) {
      if (!holds) {
        throw new AssertionError(otherwise);
      }
    }
  }
}
