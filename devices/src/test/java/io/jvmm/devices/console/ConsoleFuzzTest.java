package io.jvmm.devices.console;

import io.jvmm.devices.driver.FuzzedDevice;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two ports under a driver that does as the fuzzer says, and so do the programs on the host. */
final class ConsoleFuzzTest {
  private static final List<FuzzedEnd> ENDS = List.of(new FuzzedEnd(), new FuzzedEnd());
  private static final FuzzedDevice DEVICE =
      new FuzzedDevice(ConsoleFuzzTest::make, ConsoleFuzzTest::host);

  private static VirtioDevice make(IoLoop loop) {
    return new Console(
        List.of(new NamedPort("org.example.0", ENDS.get(0)), new NamedPort("b", ENDS.get(1))),
        loop);
  }

  private static void host(FuzzInput input) {
    ENDS.get(input.below(ENDS.size())).act(input.below(5), input.u16());
  }

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("Console", ConsoleFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    ENDS.forEach(FuzzedEnd::begin);
    DEVICE.run(bytes);
  }

  /** A program that comes, goes, sends and takes; what the device asks of it has to make sense. */
  private static final class FuzzedEnd implements HostEnd {
    private final CountDownLatch attached = new CountDownLatch(1);
    private @Nullable IoLoop loop;
    private @Nullable Listener listener;

    // The loop's.
    private boolean connected;
    private boolean gone;
    private int readable;
    private int room;

    @Override
    public void attach(IoLoop loop, Listener listener) {
      this.loop = loop;
      this.listener = listener;
      attached.countDown();
    }

    void begin() {
      onLoop(() -> connected = false);
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

    void act(int what, int bytes) {
      onLoop(() -> act(CallState.current(), what, bytes));
    }

    private void act(CallState state, int what, int bytes) {
      Listener hearer = listener;
      if (hearer == null) {
        return;
      }
      if (!connected) {
        connected = true;
        gone = false;
        readable = 0;
        room = bytes;
        hearer.connected(state);
        return;
      }
      switch (what) {
        case 0 -> hearer.hungUp(state);
        case 1 -> gone = true; // found with the next read or write
        case 2 -> {
          room = bytes;
          hearer.writable(state);
        }
        default -> {
          readable = bytes;
          hearer.readable(state);
        }
      }
    }

    @Override
    public boolean isConnected() {
      return connected;
    }

    @Override
    public long tryRead(CallState state, long address, long length) {
      check(length);
      int n = (int) Math.min(length, readable);
      readable -= n;
      return gone ? 0 : n == 0 ? -Errno.EAGAIN : n;
    }

    @Override
    public long tryWrite(CallState state, long address, long length) {
      check(length);
      int n = (int) Math.min(length, room);
      room -= n;
      return gone ? -Errno.EPIPE : n == 0 ? -Errno.EAGAIN : n;
    }

    private void check(long length) {
      if (!connected || length <= 0) {
        throw new AssertionError(connected ? length + " bytes" : "nobody is there");
      }
    }

    @Override
    public void disconnect(CallState state) {
      connected = false;
    }

    @Override
    public void detach() {}

    @Override
    public void close() {}
  }
}
