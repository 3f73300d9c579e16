package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.DATA;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random requests of every kind, valid and not, over several queues at once, against a disk and a
 * plain array. Each queue has a part of the disk to itself, since what is under way together may be
 * done in any order; of what is under way in one queue no two touch the same sectors.
 */
@Timeout(value = 2 * DiskUnderTest.HANG_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BlockQueuesModelTest {
  private static final int QUEUES = 3;
  private static final int SLOTS = 6; // requests under way, a queue
  private static final int SLOT_SECTORS = 32;
  private static final int SECTORS = QUEUES * SLOTS * SLOT_SECTORS;
  private static final int ROUNDS = 1500;
  private static final int AREA = SLOT_SECTORS * 512;
  private static final int OK = BlockRequest.VIRTIO_BLK_S_OK;
  private static final int IOERR = BlockRequest.VIRTIO_BLK_S_IOERR;
  private static final int UNSUPP = BlockRequest.VIRTIO_BLK_S_UNSUPP;

  private final byte[] model = new byte[SECTORS * 512];

  /** What a request should come to. */
  private static final class Expected {
    int head;
    int status;
    byte[] read = new byte[0];
  }

  @ParameterizedTest
  @CsvSource({"0,false", "1,false", "2,true", "7,false", "64,true"})
  void theDiskIsWhatTheModelIs(int maxPending, boolean writeThrough) {
    Random random = new Random(maxPending);
    random.nextBytes(model);
    MemoryBackend backend =
        new MemoryBackend(model.length, MemoryBackend.ALL, maxPending).fill(model);
    BlockOptions options = BlockOptions.DEFAULT.withQueues(QUEUES).withWriteThrough(writeThrough);
    byte[] content;
    try (DiskUnderTest disk = new DiskUnderTest(backend, options)) {
      disk.startAll(disk.block.deviceFeatures() & ~Features.VIRTIO_F_RING_EVENT_IDX);
      for (int round = 0; round < ROUNDS; round++) {
        round(disk, random);
        if (random.nextInt(200) == 0) {
          disk.startAll(disk.block.deviceFeatures() & ~Features.VIRTIO_F_RING_EVENT_IDX);
        }
      }
      assertEquals(null, disk.transport.problem());
      assertTrue(disk.block.stats().discards() > 100 && disk.block.stats().zeroes() > 100);
      content = backend.content();
    }
    assertArrayEquals(model, content);
  }

  private void round(DiskUnderTest disk, Random random) {
    Expected[][] expected = new Expected[QUEUES][];
    for (int queue = 0; queue < QUEUES; queue++) {
      expected[queue] = new Expected[random.nextInt(SLOTS + 1)];
      for (int slot = 0; slot < expected[queue].length; slot++) {
        expected[queue][slot] = submit(disk, random, queue, slot);
      }
      disk.doorbells[queue].ring();
    }
    for (int queue = 0; queue < QUEUES; queue++) {
      for (int done = 0; done < expected[queue].length; done++) {
        disk.awaitUsed(disk.queues[queue]);
        check(disk, queue, expected[queue]);
      }
    }
  }

  private static void check(DiskUnderTest disk, int queue, Expected[] expected) {
    DriverQueue driver = disk.queues[queue];
    for (int slot = 0; slot < expected.length; slot++) {
      if (expected[slot].head == driver.reapedHead()) {
        long at = (long) queue * SLOTS + slot;
        assertEquals(expected[slot].status, disk.memory.getByte(STATUS + at));
        byte[] read = new byte[expected[slot].read.length];
        assertEquals(1 + read.length, driver.reapedLength());
        disk.memory.read(DATA + at * AREA, read, 0, read.length);
        assertArrayEquals(expected[slot].read, read);
        return;
      }
    }
    throw new AssertionError("nobody asked for " + driver.reapedHead());
  }

  private Expected submit(DiskUnderTest disk, Random random, int queue, int slot) {
    int at = queue * SLOTS + slot;
    long data = DATA + (long) at * AREA;
    int first = at * SLOT_SECTORS;
    int sector = first + random.nextInt(SLOT_SECTORS);
    int sectors = random.nextInt(first + SLOT_SECTORS - sector + 1);
    boolean outside = random.nextInt(16) == 0;
    Expected expected = new Expected();
    expected.status = outside && sectors > 0 ? IOERR : OK;
    long asked = outside ? SECTORS - (sectors == 0 ? 0 : sectors - 1) : sector;
    int length = sectors * 512;
    int type =
        switch (random.nextInt(6)) {
          case 0, 1 -> BlockRequest.VIRTIO_BLK_T_IN;
          case 2 -> BlockRequest.VIRTIO_BLK_T_OUT;
          case 3 -> BlockRequest.VIRTIO_BLK_T_DISCARD;
          case 4 -> BlockRequest.VIRTIO_BLK_T_WRITE_ZEROES;
          default -> random.nextBoolean() ? BlockRequest.VIRTIO_BLK_T_FLUSH : 99;
        };
    int from = sector * 512;
    boolean isDone = expected.status == OK && !outside;
    switch (type) {
      case BlockRequest.VIRTIO_BLK_T_IN -> {
        if (isDone) {
          expected.read = Arrays.copyOfRange(model, from, from + length);
        }
      }
      case BlockRequest.VIRTIO_BLK_T_OUT -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        disk.memory.write(data, bytes);
        if (isDone) {
          System.arraycopy(bytes, 0, model, from, length);
        }
      }
      case BlockRequest.VIRTIO_BLK_T_DISCARD, BlockRequest.VIRTIO_BLK_T_WRITE_ZEROES -> {
        int flags = random.nextInt(8) == 0 ? 2 : 0;
        disk.memory.setLong(data, asked);
        disk.memory.setInt(data + 8, sectors);
        disk.memory.setInt(data + 12, flags);
        length = 16;
        if (flags != 0) {
          expected.status = UNSUPP;
        } else if (isDone) {
          Arrays.fill(model, from, from + sectors * 512, (byte) 0);
        }
      }
      case BlockRequest.VIRTIO_BLK_T_FLUSH -> {
        expected.status = OK;
        length = 0;
      }
      default -> {
        expected.status = UNSUPP;
        length = 0;
      }
    }
    disk.header(HEADER + 16L * at, type, asked);
    disk.memory.setByte(STATUS + at, DiskUnderTest.UNTOUCHED);
    DriverQueue.Chain chain = disk.queues[queue].chain();
    if (random.nextBoolean()) {
      chain.indirect(0x20000 + 1024L * at);
    }
    chain.read(HEADER + 16L * at, 16);
    if (length > 0 && DiskUnderTest.isSentByDriver(type)) {
      chain.read(data, length);
    } else if (length > 0) {
      chain.write(data, length);
    }
    expected.head = chain.write(STATUS + at, 1).submit();
    return expected;
  }
}
