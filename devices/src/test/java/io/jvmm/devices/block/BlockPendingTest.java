package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.DATA;
import static io.jvmm.devices.block.DiskUnderTest.HANG_SECONDS;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backend that takes its time. */
class BlockPendingTest {
  private static final int IN = BlockRequest.VIRTIO_BLK_T_IN;
  private static final int OK = BlockRequest.VIRTIO_BLK_S_OK;
  private static final int SECTORS = 2048;

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

  private static byte[] guest(DiskUnderTest disk, long gpa, int length) {
    byte[] bytes = new byte[length];
    disk.memory.read(gpa, bytes, 0, length);
    return bytes;
  }

  @Test
  void requestsEndInTheOrderOfTheBackend() {
    ScriptedBackend backend = scripted(4);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      int[] heads = new int[3];
      for (int i = 0; i < 3; i++) {
        disk.header(HEADER + 16L * i, IN, i);
        heads[i] =
            disk.queue
                .chain()
                .read(HEADER + 16L * i, 16)
                .write(DATA + 512L * i, 512)
                .write(STATUS + i, 1)
                .submit();
      }
      disk.doorbell.ring();
      await(backend);
      await(backend);
      await(backend);
      backend.finish(disk.loop, 2);
      disk.awaitUsed();
      assertEquals(heads[2], disk.queue.reapedHead());
      backend.finish(disk.loop, 0);
      disk.awaitUsed();
      assertEquals(heads[0], disk.queue.reapedHead());
      backend.finish(disk.loop, 0);
      disk.awaitUsed();
      assertEquals(heads[1], disk.queue.reapedHead());
      assertArrayEquals(Arrays.copyOf(content, 3 * 512), guest(disk, DATA, 3 * 512));
    }
  }

  @Test
  void moreRequestsThanTheBackendTakesWaitWithoutADoorbell() {
    ScriptedBackend backend = scripted(1);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      for (int i = 0; i < 3; i++) {
        disk.header(HEADER + 16L * i, IN, i);
        disk.queue.chain().read(HEADER + 16L * i, 16).write(DATA, 512).write(STATUS, 1).submit();
      }
      disk.doorbell.ring();
      for (int i = 0; i < 3; i++) {
        await(backend);
        backend.finish(disk.loop, 0);
        disk.awaitUsed();
      }
    }
  }

  @Test
  void aResetWaitsForWhatIsPendingAndAnswersNothing() throws InterruptedException {
    ScriptedBackend backend = scripted(2);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      disk.header(HEADER, IN, 0);
      disk.memory.setByte(STATUS, DiskUnderTest.UNTOUCHED);
      disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
      disk.doorbell.ring();
      await(backend);
      Thread vcpu = Thread.ofPlatform().start(disk.driver::reset);
      vcpu.join(50);
      assertTrue(vcpu.isAlive());
      backend.finish(disk.loop, 0);
      vcpu.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
      assertFalse(vcpu.isAlive());
      assertEquals(0, disk.driver.status());
      assertEquals(0, disk.queue.usedIdx());
      assertEquals(DiskUnderTest.UNTOUCHED, disk.memory.getByte(STATUS));

      disk.startPlain(); // and it lives again
      disk.header(HEADER, IN, 1);
      disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
      disk.doorbell.ring();
      await(backend);
      backend.finish(disk.loop, 0);
      disk.awaitUsed();
      assertEquals(OK, disk.memory.getByte(STATUS));
    }
  }

  @Test
  void aBatchOfCompletionsIsOneInterrupt() {
    ScriptedBackend backend = scripted(8);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      for (int i = 0; i < 8; i++) {
        disk.header(HEADER + 16L * i, IN, i);
        disk.queue
            .chain()
            .read(HEADER + 16L * i, 16)
            .write(DATA + 512L * i, 512)
            .write(STATUS + i, 1)
            .submit();
      }
      disk.doorbell.ring();
      for (int i = 0; i < 8; i++) {
        await(backend);
      }
      disk.interrupt.raised().drainPermits();
      backend.finishAll(disk.loop);
      disk.awaitInterrupt();
      for (int i = 0; i < 8; i++) {
        assertTrue(disk.queue.reap(), "answer " + i);
      }
      disk.block.reset(); // has gone through the loop
      assertEquals(0, disk.interrupt.raised().availablePermits());
    }
  }

  @Test
  void aResetAsksTheBackendToGiveUp() {
    MemoryBackend backend = new MemoryBackend(4096, MemoryBackend.ALL, 4);
    try (DiskUnderTest disk = new DiskUnderTest(backend).startPlain()) {
      for (int round = 0; round < 50 && backend.cancels() == 0; round++) {
        disk.header(HEADER, IN, 0);
        disk.queue.chain().read(HEADER, 16).write(DATA, 512).write(STATUS, 1).submit();
        disk.doorbell.ring();
        disk.startPlain();
      }
      assertEquals(OK, disk.request(IN, 0, 512));
    }
  }

  private static void await(ScriptedBackend backend) {
    try {
      assertTrue(backend.held().tryAcquire(HANG_SECONDS, TimeUnit.SECONDS), "nothing was begun");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
