package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.DATA;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random requests in random framing, batched, against a disk and against a plain array. */
class BlockModelTest {
  private static final int SECTORS = 512;
  private static final int BATCHES = 2000;
  private static final int MAX_BATCH = 8;
  private static final int MAX_SECTORS = 16;
  private static final int AREA = MAX_SECTORS * 512; // of guest memory, a request

  @TempDir private Path folder;

  /** What a request of the batch should come to. */
  private static final class Expected {
    int head;
    boolean read;
    int from;
    int length;
    int status;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theDiskIsWhatTheModelIs(boolean eventIdx) throws IOException {
    Random random = new Random(eventIdx ? 21 : 22);
    byte[] model = new byte[SECTORS * 512];
    random.nextBytes(model);
    Path image = folder.resolve("disk.img");
    Files.write(image, model);
    try (DiskUnderTest disk = new DiskUnderTest(RawFile.open(image.toString(), false))) {
      if (eventIdx) {
        disk.start();
        disk.queue.withEventIdx();
      } else {
        disk.start(disk.block.deviceFeatures() & ~Features.VIRTIO_F_RING_EVENT_IDX);
      }
      for (int i = 0; i < BATCHES; i++) {
        batch(disk, random, model);
      }
      assertEquals(null, disk.transport.problem());
    }
    assertArrayEquals(model, Files.readAllBytes(image));
  }

  /** One queue keeps its order, so the model may go ahead of the disk. */
  private static void batch(DiskUnderTest disk, Random random, byte[] model) {
    Expected[] batch = new Expected[1 + random.nextInt(MAX_BATCH)];
    byte[][] reads = new byte[batch.length][];
    int before = disk.queue.availIdx();
    for (int slot = 0; slot < batch.length; slot++) {
      Expected expected = new Expected();
      batch[slot] = expected;
      int sectors = random.nextInt(MAX_SECTORS + 1);
      int sector = random.nextInt(SECTORS + 4);
      boolean inside = sector + sectors <= SECTORS;
      expected.read = random.nextBoolean();
      expected.from = sector * 512;
      expected.length = sectors * 512;
      expected.status = inside ? BlockRequest.VIRTIO_BLK_S_OK : BlockRequest.VIRTIO_BLK_S_IOERR;
      long data = DATA + (long) slot * AREA;
      disk.header(HEADER + 16L * slot, expected.read ? 0 : 1, sector);
      disk.memory.setByte(STATUS + slot, DiskUnderTest.UNTOUCHED);
      if (!expected.read) {
        byte[] bytes = new byte[expected.length];
        random.nextBytes(bytes);
        disk.memory.write(data, bytes);
        if (inside) {
          System.arraycopy(bytes, 0, model, expected.from, bytes.length);
        }
      } else if (inside) {
        reads[slot] = Arrays.copyOfRange(model, expected.from, expected.from + expected.length);
      }
      expected.head = submit(disk, random, slot, expected, data);
    }
    if (disk.queue.mustRing(before)) {
      disk.doorbell.ring();
    }
    for (int done = 0; done < batch.length; done++) {
      disk.awaitUsed();
      Expected expected = batch[done];
      assertEquals(expected.head, disk.queue.reapedHead());
      assertEquals(expected.status, disk.memory.getByte(STATUS + done));
      byte[] read = reads[done];
      assertEquals(read == null ? 1 : 1 + read.length, disk.queue.reapedLength());
      if (read != null) {
        byte[] bytes = new byte[read.length];
        disk.memory.read(DATA + (long) done * AREA, bytes, 0, bytes.length);
        assertArrayEquals(read, bytes);
      }
    }
  }

  private static int submit(
      DiskUnderTest disk, Random random, int slot, Expected expected, long data) {
    DriverQueue.Chain chain = disk.queue.chain();
    boolean indirect = random.nextBoolean();
    if (indirect) {
      chain.indirect(0x20000 + 1024L * slot);
    }
    chain.read(HEADER + 16L * slot, 16);
    int pieces = indirect ? 8 : 2;
    int at = 0;
    while (at < expected.length) {
      int n = --pieces == 0 ? expected.length - at : 1 + random.nextInt(expected.length - at);
      if (expected.read) {
        chain.write(data + at, n);
      } else {
        chain.read(data + at, n);
      }
      at += n;
    }
    return chain.write(STATUS + slot, 1).submit();
  }
}
