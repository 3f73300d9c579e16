package io.jvmm.devices.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.driver.CountingInterrupt;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.driver.MmioDriver;
import io.jvmm.virtio.driver.TestDoorbell;
import io.jvmm.virtio.mmio.MmioTransport;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A device behind its transport, with a driver in front of it, and no machine. */
public final class DeviceUnderTest implements AutoCloseable {
  /** Bytes of guest RAM. */
  public static final long RAM = 16 << 20;

  /** Where buffers of a test may lie; the queues are below. */
  public static final long DATA = 0x100000;

  private static final long QUEUES = 0x1000;
  private static final long QUEUE_STRIDE = 0x2000;
  private static final int HANG_SECONDS = 60;

  public final GuestMemory memory;
  public final List<String> failures = new CopyOnWriteArrayList<>();
  public final IoLoop loop =
      IoLoop.start("io-test", (what, cause) -> failures.add(what + ": " + cause));
  public final CountingInterrupt interrupt = new CountingInterrupt();
  public final VirtioDevice device;
  public final MmioTransport transport;
  public final MmioDriver driver;
  private final TestDoorbell[] doorbells;
  private DriverQueue[] queues = new DriverQueue[0];

  /**
   * @param maker makes the device on the loop
   */
  public DeviceUnderTest(Function<IoLoop, VirtioDevice> maker) {
    this(maker, GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS));
  }

  /** With RAM of the test's own, which becomes this object's. */
  public DeviceUnderTest(Function<IoLoop, VirtioDevice> maker, GuestMemory memory) {
    this.memory = memory;
    device = maker.apply(loop);
    doorbells = new TestDoorbell[device.queueCount()];
    for (int i = 0; i < doorbells.length; i++) {
      doorbells[i] = new TestDoorbell();
    }
    transport = new MmioTransport(device, memory, interrupt, asDoorbells(doorbells));
    driver = new MmioDriver(transport);
  }

  private static Doorbell[] asDoorbells(TestDoorbell[] made) {
    return Arrays.copyOf(made, made.length, Doorbell[].class);
  }

  /** Features without those of the ring, so that interrupts come for everything; all queues. */
  public DeviceUnderTest start() {
    return start(device.deviceFeatures() & ~Features.SPLIT_RING);
  }

  /** With these features and all queues. */
  public DeviceUnderTest start(long features) {
    int[] all = new int[doorbells.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    return start(features, all);
  }

  /** With these features and some of the queues. */
  public DeviceUnderTest start(long features, int... used) {
    assertTrue(driver.negotiate(features), () -> "refused: " + transport.problem());
    interrupt.raised().drainPermits();
    queues = new DriverQueue[doorbells.length];
    for (int index : used) {
      int size = Math.min(64, device.maxQueueSize(index));
      queues[index] = new DriverQueue(memory, QUEUES + index * QUEUE_STRIDE, size);
      driver.program(index, queues[index].config());
    }
    driver.addStatus(MmioDriver.DRIVER_OK);
    return this;
  }

  /** The driver's end of a queue. */
  public DriverQueue queue(int index) {
    return queues[index];
  }

  /** Rings the bell of a queue. */
  public void ring(int index) {
    doorbells[index].ring();
  }

  /** Rings, and waits for one used chain. */
  public void exchange(int index) {
    ring(index);
    awaitUsed(index);
  }

  /** Waits for one used chain. */
  public void awaitUsed(int index) {
    while (!queues[index].reap()) {
      if (!queues[index].waitForUsed()) {
        awaitInterrupt();
      }
    }
  }

  /** Waits for an interrupt. */
  public void awaitInterrupt() {
    try {
      assertTrue(
          interrupt.raised().tryAcquire(HANG_SECONDS, TimeUnit.SECONDS),
          () -> "no interrupt; " + transport.problem() + failures);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until the device needs a reset. */
  public void awaitNeedsReset() {
    while ((driver.status() & 64) == 0) {
      awaitInterrupt();
    }
  }

  /** Waits until the loop has done all that was handed to it so far, and has heard all bells. */
  public void settle() {
    for (int turn = 0; turn < 3; turn++) { // a bell may come second in the second
      CountDownLatch done = new CountDownLatch(1);
      loop.execute(done::countDown);
      try {
        assertTrue(done.await(HANG_SECONDS, TimeUnit.SECONDS), "the loop hangs");
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** A counter of the device. */
  public long counter(String name) {
    long[] value = {-1};
    transport.report(
        (counter, n) -> {
          if (counter.equals(name)) {
            value[0] = n;
          }
        });
    assertTrue(value[0] >= 0, () -> "no counter " + name);
    return value[0];
  }

  @Override
  public void close() {
    transport.close();
    if (device instanceof AutoCloseable owner) {
      try {
        owner.close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    loop.close();
    for (TestDoorbell doorbell : doorbells) {
      doorbell.close();
    }
    memory.close();
    assertEquals(List.of(), failures);
  }
}
