package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.DATA;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.virtio.driver.DriverQueue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** VIRTIO_F_RING_RESET: one queue of a disk is reset while the other has requests under way. */
class BlockQueueResetTest {
  private static final long OTHER_HEADER = HEADER + 0x400;
  private static final long OTHER_STATUS = STATUS + 0x400;
  private static final long LATER_HEADER = HEADER + 0x600;
  private static final long LATER_STATUS = STATUS + 0x600;

  @TempDir private Path folder;

  private ScriptedBackend backend() throws IOException {
    Path image = folder.resolve("disk.img");
    Files.write(image, new byte[64 * 512]);
    return new ScriptedBackend(RawFile.open(image.toString(), false), 4);
  }

  private static void submit(DiskUnderTest disk, int index, long header, long status) {
    disk.header(header, BlockRequest.VIRTIO_BLK_T_IN, index);
    disk.memory.setByte(status, DiskUnderTest.UNTOUCHED);
    disk.queues[index].chain().read(header, 16).write(DATA, 512).write(status, 1).submit();
    disk.doorbells[index].ring();
  }

  private static void await(ScriptedBackend backend) throws InterruptedException {
    assertTrue(backend.held().tryAcquire(DiskUnderTest.HANG_SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void aResetWaitsForTheQueuesOwnRequestsAndLeavesTheOthers() throws Exception {
    ScriptedBackend backend = backend();
    try (DiskUnderTest disk = new DiskUnderTest(backend, BlockOptions.DEFAULT.withQueues(2))) {
      disk.startAll(disk.block.deviceFeatures());
      submit(disk, 0, HEADER, STATUS);
      await(backend);
      submit(disk, 1, OTHER_HEADER, OTHER_STATUS);
      await(backend);

      Thread vcpu = Thread.ofPlatform().start(() -> disk.driver.resetQueue(0));
      while (vcpu.getState() != Thread.State.WAITING) {
        Thread
            .onSpinWait(); // until the loop has been asked, and it waits: the backend has a buffer
      }
      backend.finish(disk.loop, 0);
      assertTrue(vcpu.join(Duration.ofSeconds(DiskUnderTest.HANG_SECONDS)));
      assertFalse(disk.queues[0].reap());
      assertEquals(DiskUnderTest.UNTOUCHED, disk.memory.getByte(STATUS));

      backend.finish(disk.loop, 0);
      disk.awaitUsed(disk.queues[1]);
      assertEquals(BlockRequest.VIRTIO_BLK_S_OK, disk.memory.getByte(OTHER_STATUS));
    }
  }

  @Test
  void aResetWaitsForNobodyWhenTheGuestIsOver() throws Exception {
    ScriptedBackend backend = backend().cancelling();
    try (DiskUnderTest disk = new DiskUnderTest(backend, BlockOptions.DEFAULT.withQueues(2))) {
      disk.startAll(disk.block.deviceFeatures());
      submit(disk, 0, HEADER, STATUS);
      await(backend);
      submit(disk, 1, OTHER_HEADER, OTHER_STATUS);
      await(backend);

      Thread before = Thread.ofPlatform().start(() -> disk.driver.resetQueue(0));
      disk.block.giveUp();
      assertTrue(before.join(Duration.ofSeconds(DiskUnderTest.HANG_SECONDS)));

      submit(disk, 1, LATER_HEADER, LATER_STATUS);
      await(backend);
      Thread after = Thread.ofPlatform().start(() -> disk.driver.resetQueue(1));
      assertTrue(after.join(Duration.ofSeconds(DiskUnderTest.HANG_SECONDS)));
      assertEquals(DiskUnderTest.UNTOUCHED, disk.memory.getByte(LATER_STATUS));
    }
  }

  @Test
  void aQueueThatIsMadeAnewIsServed() throws Exception {
    ScriptedBackend backend = backend();
    try (DiskUnderTest disk = new DiskUnderTest(backend, BlockOptions.DEFAULT.withQueues(2))) {
      disk.startAll(disk.block.deviceFeatures());
      for (int life = 0; life < 5; life++) {
        submit(disk, 0, HEADER, STATUS);
        await(backend);
        backend.finish(disk.loop, 0);
        disk.awaitUsed(disk.queues[0]);
        assertEquals(BlockRequest.VIRTIO_BLK_S_OK, disk.memory.getByte(STATUS));

        disk.driver.resetQueue(0);
        disk.queues[0] = new DriverQueue(disk.memory, DiskUnderTest.QUEUE, 8 << life % 3);
        disk.driver.program(0, disk.queues[0].config());
        assertTrue(disk.driver.isReady(0));
      }
    }
  }
}
