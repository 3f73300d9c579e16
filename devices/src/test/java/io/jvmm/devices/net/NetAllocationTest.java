package io.jvmm.devices.net;

import static io.jvmm.devices.driver.DeviceUnderTest.DATA;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.jvm.ShippedJvm;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetAllocationTest {
  private static final int ROUNDS = 50;
  private static final int FRAMES = 20;

  /** C1 code allocates inside the JDK's calls; so many batches until C2 has taken over. */
  private static final int MAX_BATCHES = 2000;

  /** In the JVM that is shipped: as compilers and collector are set there. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFrameAllocatesNothingOnceWarm(boolean header) throws IOException, InterruptedException {
    String bytes = ShippedJvm.run(NetAllocationTest.class, List.of(), String.valueOf(header));
    assertEquals(
        "0", bytes, () -> bytes + " bytes for " + ROUNDS * FRAMES + " frames each way, at best");
  }

  /** Prints the bytes for a wire with headers or without. */
  public static void main(String[] args) {
    EndlessWire wire = new EndlessWire(Boolean.parseBoolean(args[0]));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (DeviceUnderTest device =
        new DeviceUnderTest(
            loop -> new Net(wire, NetOptions.of(NetUnderTest.MAC), loop, news -> {}))) {
      device.start(Features.VIRTIO_F_VERSION_1 | NetFeatures.VIRTIO_NET_F_MRG_RXBUF);
      AtomicLong id = new AtomicLong();
      device.loop.execute(() -> id.set(Thread.currentThread().threadId()));
      device.settle();
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < MAX_BATCHES && least > 0; batch++) {
        long before = threads.getThreadAllocatedBytes(id.get());
        for (int i = 0; i < ROUNDS; i++) {
          round(device);
        }
        least = Math.min(least, threads.getThreadAllocatedBytes(id.get()) - before);
      }
      System.out.println(least);
    }
  }

  private static void round(DeviceUnderTest device) {
    for (int i = 0; i < FRAMES; i++) {
      device.queue(NetUnderTest.RX).chain().write(DATA + 2048L * i, 1024).submit();
      device.queue(NetUnderTest.TX).chain().read(DATA, 12).read(DATA + 12, 1400).submit();
    }
    device.ring(NetUnderTest.RX);
    device.ring(NetUnderTest.TX);
    for (int i = 0; i < FRAMES; i++) {
      device.awaitUsed(NetUnderTest.RX); // two a frame
      device.awaitUsed(NetUnderTest.TX);
    }
  }

  /** There is always another frame, and room. */
  private static final class EndlessWire implements NetBackend {
    private static final int LENGTH = 1500;
    private final boolean header;
    private final MemorySegment frame = Arena.global().allocate(LENGTH);

    EndlessWire(boolean header) {
      this.header = header;
    }

    @Override
    public String name() {
      return "endless wire";
    }

    @Override
    public int maxQueuePairs() {
      return 1;
    }

    @Override
    public boolean hasHeader() {
      return header;
    }

    @Override
    public long offloads() {
      return 0;
    }

    @Override
    public int mtu() {
      return 0;
    }

    @Override
    public void attach(IoLoop loop, NetEvents events) {}

    @Override
    public boolean setQueuePairs(int count) {
      return true;
    }

    @Override
    public void setGuestOffloads(long features) {}

    @Override
    public long tryReceive(CallState state, int pair, IovecArray buffers) {
      return buffers.copyFrom(frame, 0, LENGTH);
    }

    @Override
    public long trySend(CallState state, int pair, IovecArray sent) {
      return sent.count() == 0 ? -Errno.EIO : 0;
    }

    @Override
    public void forget(CallState state, int pair) {}

    @Override
    public void detach() {}

    @Override
    public void close() {}
  }
}
