package io.jvmm.devices.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.CountingInterrupt;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.driver.MmioDriver;
import io.jvmm.virtio.driver.TestDoorbell;
import io.jvmm.virtio.mmio.MmioTransport;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A disk behind its transport, with a driver in front of it, and no machine. */
final class DiskUnderTest implements AutoCloseable {
  static final long RAM = 16 << 20;
  static final long QUEUE = 0x1000;
  static final long QUEUE_STRIDE = 0x1000;
  static final long HEADER = 0x10000;
  static final long STATUS = 0x10800;
  static final long DATA = 0x100000;
  static final int HANG_SECONDS = 60;
  static final byte UNTOUCHED = (byte) 0xee;

  final GuestMemory memory =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  final List<String> failures = new CopyOnWriteArrayList<>();
  final IoLoop loop = IoLoop.start("io-test", (what, cause) -> failures.add(what + ": " + cause));
  final TestDoorbell doorbell;
  final TestDoorbell[] doorbells;
  final CountingInterrupt interrupt = new CountingInterrupt();
  final Block block;
  final MmioTransport transport;
  final MmioDriver driver;

  /** The first queue, made before the device starts; the others come with {@link #startAll}. */
  DriverQueue queue = new DriverQueue(memory, QUEUE, 64);

  final DriverQueue[] queues;

  /** Over an image that is worked on the I/O thread. */
  DiskUnderTest(DiskImage image) {
    this(new InlineImage(image));
  }

  DiskUnderTest(BlockBackend backend) {
    this(backend, BlockOptions.DEFAULT);
  }

  DiskUnderTest(BlockBackend backend, BlockOptions options) {
    block = new Block(backend, options.withSerial("serial-of-the-disk-that-is-long"), loop);
    doorbells = new TestDoorbell[options.queues()];
    queues = new DriverQueue[doorbells.length];
    for (int i = 0; i < doorbells.length; i++) {
      doorbells[i] = new TestDoorbell();
    }
    doorbell = doorbells[0];
    transport =
        new MmioTransport(
            block, memory, interrupt, Arrays.copyOf(doorbells, doorbells.length, Doorbell[].class));
    driver = new MmioDriver(transport);
  }

  /** Brings the device up with all that it offers. */
  DiskUnderTest start() {
    return start(block.deviceFeatures());
  }

  DiskUnderTest start(long features) {
    queue = new DriverQueue(memory, QUEUE, 64);
    driver.start(features, queue);
    return this;
  }

  /** With these features and all of its queues. */
  DiskUnderTest startAll(long features) {
    assertTrue(driver.negotiate(features), () -> "refused: " + transport.problem());
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new DriverQueue(memory, QUEUE + i * QUEUE_STRIDE, 64);
      driver.program(i, queues[i].config());
    }
    queue = queues[0];
    driver.addStatus(MmioDriver.DRIVER_OK);
    return this;
  }

  /** As {@link #startPlain}, with all queues. */
  DiskUnderTest startAllPlain() {
    return startAll(block.deviceFeatures() & ~Features.SPLIT_RING);
  }

  /** Features without those of the ring, so that interrupts come for everything. */
  DiskUnderTest startPlain() {
    return start(block.deviceFeatures() & ~Features.SPLIT_RING);
  }

  void header(long gpa, int type, long sector) {
    memory.setInt(gpa, type);
    memory.setInt(gpa + 4, 0);
    memory.setLong(gpa + 8, sector);
  }

  /** One whole request in the usual framing; answers the status. */
  int request(int type, long sector, int length) {
    header(HEADER, type, sector);
    memory.setByte(STATUS, UNTOUCHED);
    DriverQueue.Chain chain = queue.chain().read(HEADER, 16);
    if (length > 0) {
      if (isSentByDriver(type)) {
        chain.read(DATA, length);
      } else {
        chain.write(DATA, length);
      }
    }
    chain.write(STATUS, 1).submit();
    doorbell.ring();
    awaitUsed();
    return memory.getByte(STATUS);
  }

  static boolean isSentByDriver(int type) {
    return type == BlockRequest.VIRTIO_BLK_T_OUT
        || type == BlockRequest.VIRTIO_BLK_T_DISCARD
        || type == BlockRequest.VIRTIO_BLK_T_WRITE_ZEROES;
  }

  /** Waits for one used chain. */
  void awaitUsed() {
    awaitUsed(queue);
  }

  /** Waits for one used chain of a queue. */
  void awaitUsed(DriverQueue of) {
    while (!of.reap()) {
      if (!of.waitForUsed()) {
        awaitInterrupt();
      }
    }
  }

  void awaitInterrupt() {
    try {
      assertTrue(
          interrupt.raised().tryAcquire(HANG_SECONDS, TimeUnit.SECONDS),
          () -> "no interrupt; " + transport.problem() + failures);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until the device needs a reset. */
  void awaitNeedsReset() {
    while ((driver.status() & 64) == 0) {
      awaitInterrupt();
    }
  }

  @Override
  public void close() {
    transport.close();
    block.close();
    loop.close();
    for (TestDoorbell each : doorbells) {
      each.close();
    }
    memory.close();
    assertEquals(List.of(), failures);
  }
}
