package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.DATA;
import static io.jvmm.devices.block.DiskUnderTest.HANG_SECONDS;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.RateLimiter;
import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.host.Syscall;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.driver.MmioDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much the device does at a time, and what it leaves for others. */
class BlockTurnsTest {
  private static final int IN = BlockRequest.VIRTIO_BLK_T_IN;
  private static final int OK = BlockRequest.VIRTIO_BLK_S_OK;
  private static final int SECTORS = 2048;
  private static final int LENGTH = 512 * SECTORS;
  private static final int DUP2 = 33; // asm/unistd_64.h

  @TempDir private Path folder;
  private final byte[] content = new byte[SECTORS * 512];

  @BeforeEach
  void fill() throws IOException {
    new Random(1).nextBytes(content);
    Files.write(image(), content);
  }

  private Path image() {
    return folder.resolve("disk.img");
  }

  private RawFile raw(boolean readOnly) {
    return RawFile.open(image().toString(), readOnly);
  }

  private ScriptedBackend scripted(int maxPending) {
    return new ScriptedBackend(raw(false), maxPending);
  }

  private DiskUnderTest disk() {
    return new DiskUnderTest(raw(false)).startPlain();
  }

  @Test
  void moreChainsThanATurnTakesAreAllServedForOneDoorbell() {
    try (DiskUnderTest disk = new DiskUnderTest(raw(false))) {
      disk.queue = new DriverQueue(disk.memory, DiskUnderTest.QUEUE, 256);
      disk.driver.start(disk.block.deviceFeatures(), disk.queue.withEventIdx());
      disk.header(HEADER, IN, 0);
      for (int i = 0; i < 128; i++) {
        disk.queue.chain().indirect(0x20000 + 64L * i).read(HEADER, 16).write(STATUS, 1).submit();
      }
      disk.doorbell.ring();
      for (int i = 0; i < 128; i++) {
        disk.awaitUsed();
      }
      assertEquals(OK, disk.memory.getByte(STATUS));
    }
  }

  @Test
  void aTurnEndsAfterItsShareOfBytes() throws InterruptedException {
    int chains = 40;
    ScriptedBackend backend = scripted(0);
    try (DiskUnderTest disk = new DiskUnderTest(backend);
        ReadsPerTurn reads = new ReadsPerTurn(disk.loop, backend)) {
      disk.queue = new DriverQueue(disk.memory, DiskUnderTest.QUEUE, 256);
      disk.driver.start(disk.block.deviceFeatures(), disk.queue.withEventIdx());
      disk.header(HEADER, IN, 0);
      for (int i = 0; i < chains; i++) {
        disk.queue.chain().read(HEADER, 16).write(DATA, LENGTH).write(STATUS, 1).submit();
      }
      disk.doorbell.ring();
      for (int i = 0; i < chains; i++) {
        disk.awaitUsed();
      }
      reads.assertShared();
    }
  }

  @Test
  void queuesThatWaitedForTheirTimeShareATurnsBytes() throws InterruptedException {
    int queues = 12;
    long rate = 1000; // so fast that the real timer is no wait
    AtomicLong now = new AtomicLong();
    BlockOptions options =
        BlockOptions.DEFAULT
            .withQueues(queues)
            .withLimiter(new RateLimiter(rate, queues, 0, 0, now.get()))
            .withClock(now::get);
    ScriptedBackend backend = scripted(0);
    try (DiskUnderTest disk = new DiskUnderTest(backend, options)) {
      disk.startAllPlain();
      for (int i = 0; i < queues; i++) {
        assertEquals(OK, disk.request(IN, 0, 512)); // the burst
      }
      try (ReadsPerTurn reads = new ReadsPerTurn(disk.loop, backend)) {
        for (int i = 0; i < queues; i++) {
          disk.queues[i].chain().read(HEADER, 16).write(DATA, LENGTH).write(STATUS, 1).submit();
          disk.doorbells[i].ring();
        }
        disk.block.refresh(); // has gone through the loop after the doorbells: all of them wait
        now.addAndGet(queues * 1_000_000_000L / rate);
        for (int i = 0; i < queues; i++) {
          disk.awaitUsed(disk.queues[i]);
        }
        reads.assertShared();
      }
    }
  }

  /** How many reads begin between two turns of another device, which is always ready. */
  private static final class ReadsPerTurn implements AutoCloseable {
    private final EventFd other = EventFd.create("another device");
    private final IoLoop loop;

    // Loop thread only, until it is unregistered.
    private int before = -1;
    private int most;

    ReadsPerTurn(IoLoop loop, ScriptedBackend backend) {
      this.loop = loop;
      other.signal(CallState.current()); // never drained
      loop.register(
          other.fd(),
          Epoll.EPOLLIN,
          (state, events) -> {
            int reads = backend.log().size();
            most = before < 0 ? 0 : Math.max(most, reads - before);
            before = reads;
          });
    }

    void assertShared() {
      loop.unregister(other.fd());
      int share = (int) (BlockTurns.BYTES_PER_TURN / LENGTH);
      assertTrue(most <= 2 * share, "the end of a turn and the next: " + most);
    }

    @Override
    public void close() {
      loop.unregister(other.fd());
      other.close();
    }
  }

  @Test
  void anActivationLeavesTheDataToATurnOfItsOwn() throws InterruptedException {
    ScriptedBackend backend = scripted(0);
    try (DiskUnderTest disk = new DiskUnderTest(backend)) {
      CountDownLatch activated = new CountDownLatch(1);
      BlockingQueue<Integer> begun = new LinkedBlockingQueue<>();
      assertTrue(disk.driver.negotiate(Features.VIRTIO_F_VERSION_1));
      disk.driver.program(0, disk.queue.config());
      disk.header(HEADER, IN, 0);
      disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
      disk.loop.execute(() -> await(activated));
      disk.driver.addStatus(MmioDriver.DRIVER_OK);
      disk.loop.execute(() -> begun.add(backend.log().size()));
      activated.countDown();
      assertEquals(0, begun.take(), "reads before the next task");
      disk.awaitUsed();
      assertEquals(OK, disk.memory.getByte(STATUS));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(HANG_SECONDS, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void afterAResetADoorbellMovesNothing() {
    try (DiskUnderTest disk = disk()) {
      disk.driver.reset();
      disk.header(HEADER, IN, 0);
      disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
      disk.doorbell.ring();
      disk.block.reset(); // has gone through the loop
      assertEquals(0, disk.queue.usedIdx());
    }
  }

  @Test
  void chainsThatCameBeforeTheDriverWasReadyAreServed() {
    try (DiskUnderTest disk = new DiskUnderTest(raw(false))) {
      disk.header(HEADER, IN, 0);
      disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
      disk.driver.start(Features.VIRTIO_F_VERSION_1, disk.queue);
      disk.awaitUsed();
      assertEquals(OK, disk.memory.getByte(STATUS));
    }
  }

  @Test
  void aDriverThatLeavesTheQueueAloneIsNoError() {
    try (DiskUnderTest disk = new DiskUnderTest(raw(false))) {
      assertTrue(disk.driver.negotiate(Features.VIRTIO_F_VERSION_1));
      disk.driver.addStatus(4);
      disk.doorbell.ring();
      disk.driver.reset();
      disk.startPlain();
      assertEquals(OK, disk.request(IN, 0, 512));
    }
  }

  /** Somebody has put another descriptor in the doorbell's place: epoll refuses to forget it. */
  @Test
  void aResetReturnsEvenWhereTheLoopCannotForgetTheDoorbell() throws InterruptedException {
    try (DiskUnderTest disk = disk();
        EventFd other = EventFd.create("other")) {
      assertEquals(OK, disk.request(IN, 0, 512)); // the loop hears the doorbell
      int doorbell = disk.doorbell.event().fd().number();
      Syscall.check(
          Syscall.call(CallState.current(), DUP2, other.fd().number(), doorbell, 0),
          "dup2",
          "test");
      Thread vcpu = Thread.ofPlatform().daemon().start(disk.driver::reset);
      vcpu.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
      assertFalse(vcpu.isAlive(), "the vCPU still waits");
      disk.block.reset(); // has gone through the loop: the failure was told
      assertEquals(1, disk.failures.size());
      disk.failures.clear();
    }
  }
}
