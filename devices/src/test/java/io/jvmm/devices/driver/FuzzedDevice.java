package io.jvmm.devices.driver;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.driver.CountingInterrupt;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.driver.MmioDriver;
import io.jvmm.virtio.driver.TestDoorbell;
import io.jvmm.virtio.fuzz.FuzzInput;
import io.jvmm.virtio.mmio.MmioTransport;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A device whose driver does as a fuzzer says: well-formed chains and others, changes of memory at
 * any time, the configuration space, resets. Made once for all inputs, since its loop is a thread;
 * every input begins with a reset.
 *
 * <p>What must hold: nothing is thrown on the loop, no reset hangs, and where the driver has kept
 * to the rules since the last reset, answers are of chains that are out and say no more than their
 * writable buffers hold, and no other memory was written.
 */
public final class FuzzedDevice {
  private static final int RAM = 0x40000;
  private static final long QUEUES = 0x1000;
  private static final int QUEUE_STRIDE = 0x1000;
  private static final int QUEUE_SIZE = 16;
  private static final long READABLE = 0x20000;
  private static final int AREA = 0x10000; // bytes of each kind of buffers
  private static final long WRITABLE = 0x30000;
  private static final int MAX_STEPS = 200;
  private static final int HANG_SECONDS = 15;

  private final GuestMemory memory =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final IoLoop loop =
      IoLoop.start("io-fuzz", (what, cause) -> failures.add(what + ": " + cause));
  private final VirtioDevice device;
  private final TestDoorbell[] doorbells;
  private final MmioTransport transport;
  private final MmioDriver driver;
  private final DriverQueue[] queues;
  private final Consumer<FuzzInput> host;
  private final byte[] expected = new byte[AREA];
  private final byte[] found = new byte[AREA];
  private final long[][] writable; // by queue and head: bytes, or -1 where it is not out
  private boolean takesMemory;
  private boolean fair;
  private int readableUsed;

  /**
   * @param maker makes the device on the loop
   * @param host does something to it from the other side, or nothing
   */
  public FuzzedDevice(Function<IoLoop, VirtioDevice> maker, Consumer<FuzzInput> host) {
    this.device = maker.apply(loop);
    this.host = host;
    doorbells = new TestDoorbell[device.queueCount()];
    Arrays.setAll(doorbells, i -> new TestDoorbell());
    transport =
        new MmioTransport(
            device,
            memory,
            new CountingInterrupt(),
            Arrays.copyOf(doorbells, doorbells.length, Doorbell[].class));
    driver = new MmioDriver(transport);
    queues = new DriverQueue[doorbells.length];
    writable = new long[doorbells.length][QUEUE_SIZE];
  }

  /** What the driver wrote may be gone: not looked for. */
  public FuzzedDevice takingMemory() {
    takesMemory = true;
    return this;
  }

  /** One input, to its end. */
  public void run(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    start(input.u8());
    for (int i = 0; i < MAX_STEPS && input.hasMore(); i++) {
      step(input);
    }
    settle();
    reap();
    driver.reset();
    check(failures.isEmpty(), failures.toString());
  }

  private void step(FuzzInput input) {
    int index = input.below(queues.length);
    switch (input.below(16)) {
      case 0, 1, 2, 3, 4 -> chain(index, input);
      case 5 -> descriptor(index, input);
      case 6 -> poke(input);
      case 7, 8, 9 -> doorbells[index].ring();
      case 10 -> settle();
      case 11 -> transport.read(0x100 + input.u8(), 1 << input.below(4));
      case 12 -> transport.write(0x100 + input.u8(), 1 << input.below(4), input.i64());
      case 13 -> host.accept(input);
      case 14 -> reap();
      default -> {
        if (input.bool()) {
          resetQueue(index);
        } else {
          start(input.u8());
        }
      }
    }
  }

  private void start(int bits) {
    driver.reset();
    memory.fill(0, RAM, (byte) 0);
    fair = !takesMemory;
    readableUsed = 0;
    long features = device.deviceFeatures();
    features &= (bits & 1) != 0 ? -1 : ~Features.VIRTIO_F_RING_EVENT_IDX;
    features &= (bits & 2) != 0 ? -1 : ~Features.VIRTIO_F_RING_INDIRECT_DESC;
    features &= (bits & 4) != 0 ? -1 : ~0xff_ffffL | bits >>> 3; // of the device's own, a few
    check(driver.negotiate(features | Features.VIRTIO_F_VERSION_1), "features were refused");
    for (int i = 0; i < queues.length; i++) {
      make(i);
    }
    driver.addStatus(MmioDriver.DRIVER_OK);
  }

  private void make(int index) {
    int size = Math.min(QUEUE_SIZE, device.maxQueueSize(index));
    queues[index] = new DriverQueue(memory, QUEUES + (long) index * QUEUE_STRIDE, size);
    Arrays.fill(writable[index], -1);
    driver.program(index, queues[index].config());
  }

  private void resetQueue(int index) {
    driver.resetQueue(index);
    if (!driver.isReady(index)) {
      make(index);
    }
  }

  /** A chain as a driver builds it; its readable bytes are the fuzzer's. */
  private void chain(int index, FuzzInput input) {
    DriverQueue queue = queues[index];
    int readable = input.below(3);
    int forDevice = input.below(4);
    if (readable + forDevice == 0 || queue.freeCount() < readable + forDevice) {
      return;
    }
    DriverQueue.Chain chain = queue.chain();
    for (int i = 0; i < readable; i++) {
      int length = Math.min(input.below(33), AREA - readableUsed);
      for (int k = 0; k < length; k++) {
        expected[readableUsed + k] = (byte) input.u8();
      }
      memory.write(READABLE + readableUsed, expected, readableUsed, length);
      chain.read(READABLE + readableUsed, length);
      readableUsed += length;
    }
    long total = 0;
    for (int i = 0; i < forDevice; i++) {
      int length = input.bool() ? input.below(34) : input.below(0x2000);
      chain.write(WRITABLE + input.below(AREA - 0x2000), length);
      total += length;
    }
    writable[index][chain.submit()] = total;
  }

  private void descriptor(int index, FuzzInput input) {
    fair = false;
    DriverQueue queue = queues[index];
    int at = input.below(queue.size());
    queue.setDescriptor(
        at, input.gpa(RAM), input.length(), input.below(8), input.below(queue.size() + 1));
    queue.offer(at);
  }

  private void poke(FuzzInput input) {
    fair = false;
    long at = input.bool() ? QUEUES + input.below(0x400) : input.u16() * 4L % RAM;
    memory.setShort(at & ~1L, (short) input.u16());
  }

  /** Takes what was answered. */
  private void reap() {
    if (!fair) {
      return;
    }
    for (int i = 0; i < queues.length; i++) {
      while (queues[i].reap()) {
        int head = queues[i].reapedHead();
        check(head >= 0 && head < queues[i].size(), "an answer outside the table");
        long space = writable[i][head];
        check(space >= 0, "an answer to a chain that is not out");
        check(queues[i].reapedLength() <= space, "more was written than there is room");
        writable[i][head] = -1;
      }
    }
    memory.read(READABLE, found, 0, AREA);
    check(
        Arrays.mismatch(found, 0, readableUsed, expected, 0, readableUsed) == -1,
        "a readable buffer was written");
  }

  /** Waits until the loop has heard all bells so far. */
  private void settle() {
    for (int turn = 0; turn < 2; turn++) {
      CountDownLatch done = new CountDownLatch(1);
      loop.execute(done::countDown);
      try {
        check(done.await(HANG_SECONDS, TimeUnit.SECONDS), "the loop hangs");
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
