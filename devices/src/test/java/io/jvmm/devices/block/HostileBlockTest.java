package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.DATA;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.virtio.driver.HostileDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileBlockTest {
  private static final int SECTORS = 64;

  @TempDir private Path folder;

  private DiskUnderTest disk(boolean readOnly) throws IOException {
    Path image = folder.resolve("disk.img");
    Files.write(image, new byte[SECTORS * 512]);
    return new DiskUnderTest(RawFile.open(image.toString(), readOnly)).startPlain();
  }

  @Test
  void aBrokenRingNeedsAResetAndLivesAgainAfterIt() throws IOException {
    try (DiskUnderTest disk = disk(false)) {
      for (int round = 0; round < 3; round++) {
        new HostileDriver(disk.queue).loop(DATA);
        disk.doorbell.ring();
        disk.awaitNeedsReset();
        for (int i = 0; i < 10; i++) {
          disk.doorbell.ring(); // nobody listens
        }
        disk.startPlain();
        assertEquals(
            BlockRequest.VIRTIO_BLK_S_OK, disk.request(BlockRequest.VIRTIO_BLK_T_IN, 0, 512));
      }
    }
  }

  @Test
  void aRequestWithNoRoomForItsStatusNeedsAReset() throws IOException {
    try (DiskUnderTest disk = disk(false)) {
      disk.queue.chain().read(HEADER, 16).submit();
      disk.doorbell.ring();
      disk.awaitNeedsReset();
      assertEquals(0, disk.queue.usedIdx());
    }
  }

  @Test
  void aShortHeaderIsAnError() throws IOException {
    try (DiskUnderTest disk = disk(false)) {
      disk.queue.chain().read(HEADER, 15).write(STATUS, 1).submit();
      disk.doorbell.ring();
      disk.awaitUsed();
      assertEquals(BlockRequest.VIRTIO_BLK_S_IOERR, disk.memory.getByte(STATUS));
    }
  }

  /** A header that is its own data and status: the device copies it before it looks. */
  @Test
  void aRequestThatOverwritesItselfIsStillOne() throws IOException {
    try (DiskUnderTest disk = disk(false)) {
      disk.header(HEADER, BlockRequest.VIRTIO_BLK_T_IN, 0);
      disk.queue.chain().read(HEADER, 16).write(HEADER, 512).write(HEADER, 1).submit();
      disk.doorbell.ring();
      disk.awaitUsed();
      assertEquals(513, disk.queue.reapedLength());
    }
  }

  /** A read into the queue's own rings: the guest breaks its ring, not the device. */
  @Test
  void aReadOverTheRingsIsTheGuestsOwnTrouble() throws IOException {
    try (DiskUnderTest disk = disk(false)) {
      disk.header(HEADER, BlockRequest.VIRTIO_BLK_T_IN, 0);
      disk.queue
          .chain()
          .read(HEADER, 16)
          .write(DiskUnderTest.QUEUE, 4 * 512)
          .write(STATUS, 1)
          .submit();
      disk.doorbell.ring();
      disk.awaitInterrupt();
      disk.startPlain();
      assertEquals(
          BlockRequest.VIRTIO_BLK_S_OK, disk.request(BlockRequest.VIRTIO_BLK_T_IN, 0, 512));
    }
  }

  /** Rings, tables and headers of noise: no exception on the loop, and a reset always helps. */
  @Test
  void noiseNeitherStopsTheLoopNorWritesAReadOnlyDisk() throws IOException {
    Random random = new Random(5);
    try (DiskUnderTest disk = disk(true)) {
      for (int round = 0; round < 2000; round++) {
        for (int i = 0; i < 64; i++) {
          disk.header(
              random.nextLong(DiskUnderTest.RAM - 16) & ~15L,
              random.nextInt(16),
              random.nextInt(8) == 0 ? random.nextLong() : random.nextInt(SECTORS + 1));
        }
        new HostileDriver(disk.queue).noise(random, DiskUnderTest.RAM, 0x20000);
        disk.doorbell.ring();
        if (random.nextInt(4) == 0) {
          new HostileDriver(disk.queue).noise(random, DiskUnderTest.RAM, 0x20000);
        }
        disk.startPlain();
      }
      assertEquals(
          BlockRequest.VIRTIO_BLK_S_OK, disk.request(BlockRequest.VIRTIO_BLK_T_IN, 0, 512));
      long[] resets = {0};
      disk.transport.report((name, n) -> resets[0] += name.equals("needs_reset") ? n : 0);
      assertTrue(resets[0] > 100, "noise that breaks too little: " + resets[0]);
    }
    assertArrayEquals(new byte[SECTORS * 512], Files.readAllBytes(folder.resolve("disk.img")));
  }
}
