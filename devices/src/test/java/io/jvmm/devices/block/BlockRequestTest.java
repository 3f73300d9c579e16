package io.jvmm.devices.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.queue.SplitQueue;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockRequestTest {
  private static final long HEADER = 0x8000;
  private static final long DATA = 0x10000;
  private static final long SECTOR = 0x1122_3344_5566_7788L;

  private final GuestMemory memory =
      GuestMemory.allocate(1 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private final DriverQueue driver = new DriverQueue(memory, 0x1000, 64);
  private final SplitQueue queue = new SplitQueue(memory, driver.config(), Features.SPLIT_RING);
  private final BlockRequest request = new BlockRequest(5, 32);

  @BeforeEach
  void writeHeader() {
    header(BlockRequest.VIRTIO_BLK_T_IN);
  }

  @AfterEach
  void free() {
    request.close();
    memory.close();
  }

  private void header(int type) {
    memory.setInt(HEADER, type);
    memory.setLong(HEADER + 8, SECTOR);
  }

  private void parse(DriverQueue.Chain chain) {
    int head = chain.submit();
    assertEquals(SplitQueue.CHAIN, queue.poll());
    request.parse(queue.chain(), memory);
    assertFalse(queue.chain().isBroken());
    assertEquals(head, request.head());
  }

  @Test
  void theUsualFramingOfARead() {
    parse(driver.chain().read(HEADER, 16).write(DATA, 512).write(DATA + 4096, 1));
    assertTrue(request.isComplete());
    assertTrue(request.hasStatus());
    assertEquals(BlockRequest.VIRTIO_BLK_T_IN, request.type());
    assertEquals(SECTOR, request.sector());
    assertEquals(512, request.dataLength());
    assertEquals(512, request.buffers().byteCount());
    assertEquals(1, request.buffers().count());
    request.setStatus(memory, (byte) 9);
    assertEquals(9, memory.getByte(DATA + 4096));
  }

  @Test
  void headerAndDataMayShareABufferAndStatusToo() {
    header(BlockRequest.VIRTIO_BLK_T_OUT);
    parse(driver.chain().read(HEADER, 16 + 1024).write(DATA, 1));
    assertEquals(1024, request.dataLength());
    assertEquals(1, request.buffers().count());

    header(BlockRequest.VIRTIO_BLK_T_IN);
    parse(driver.chain().read(HEADER, 16).write(DATA, 513));
    assertEquals(512, request.dataLength());
    request.setStatus(memory, (byte) 7);
    assertEquals(7, memory.getByte(DATA + 512));
  }

  @Test
  void theHeaderMayComeByteByByte() {
    DriverQueue.Chain chain = driver.chain();
    for (int i = 0; i < 16; i++) {
      chain.read(HEADER + i, 1).read(-1, 0);
    }
    parse(chain.write(DATA, 512).write(DATA + 512, 0).write(DATA + 512, 1).write(-1, 0));
    assertEquals(SECTOR, request.sector());
    assertTrue(request.isComplete());
    assertEquals(512, request.dataLength());
    request.setStatus(memory, (byte) 3);
    assertEquals(3, memory.getByte(DATA + 512));
  }

  @Test
  void aShortHeaderIsIncompleteButCanBeAnswered() {
    parse(driver.chain().read(HEADER, 15).write(DATA, 512).write(DATA + 512, 1));
    assertFalse(request.isComplete());
    assertTrue(request.hasStatus());
  }

  @Test
  void aHeaderIsNotCompletedByTheOneBefore() {
    parse(driver.chain().read(HEADER, 16).write(DATA, 1));
    assertTrue(request.isComplete());
    parse(driver.chain().read(HEADER, 8).write(DATA, 1));
    assertFalse(request.isComplete());
    parse(driver.chain().write(DATA, 513));
    assertFalse(request.isComplete());
    assertEquals(0, request.dataLength());
  }

  @Test
  void withoutAWritableByteThereIsNoStatus() {
    parse(driver.chain().read(HEADER, 16));
    assertFalse(request.hasStatus());
    parse(driver.chain().read(HEADER, 16).write(DATA, 0));
    assertFalse(request.hasStatus());
  }

  @Test
  void moreBuffersThanFitMakeItIncomplete() {
    DriverQueue.Chain chain = driver.chain().read(HEADER, 16).indirect(0x6000);
    for (int i = 0; i < 33; i++) {
      chain.write(DATA + 512L * i, 512);
    }
    parse(chain.write(DATA, 1));
    assertFalse(request.isComplete());
    assertTrue(request.hasStatus());
  }

  @Test
  void anIdIsSpreadOverTheFirstBuffers() {
    header(BlockRequest.VIRTIO_BLK_T_GET_ID);
    parse(driver.chain().read(HEADER, 16).write(DATA, 3).write(DATA + 16, 1).write(DATA + 32, 3));
    byte[] id = {1, 2, 3, 4, 5, 6, 7, 8};
    assertEquals(6, request.fillId(memory, id));
    byte[] written = new byte[40];
    memory.read(DATA, written, 0, 40);
    byte[] expected = new byte[40];
    expected[0] = 1;
    expected[1] = 2;
    expected[2] = 3;
    expected[16] = 4;
    expected[32] = 5;
    expected[33] = 6;
    assertArrayEquals(expected, written);
  }

  /** The same request in any framing is the same request. */
  @Test
  void framingIsTheDriversChoice() {
    Random random = new Random(11);
    for (int round = 0; round < 5000; round++) {
      boolean write = random.nextBoolean();
      header(write ? BlockRequest.VIRTIO_BLK_T_OUT : BlockRequest.VIRTIO_BLK_T_IN);
      int data = 512 * random.nextInt(4);
      int readable = 16 + (write ? data : 0);
      int writable = 1 + (write ? 0 : data);
      DriverQueue.Chain chain = driver.chain();
      if (random.nextBoolean()) {
        chain.indirect(0x6000);
      }
      cut(random, readable, (at, n) -> chain.read(HEADER + at, n));
      cut(random, writable, (at, n) -> chain.write(DATA + at, n));
      parse(chain);
      assertTrue(request.isComplete());
      assertEquals(SECTOR, request.sector());
      assertEquals(data, request.dataLength());
      assertEquals(data, request.buffers().byteCount());
      request.setStatus(memory, (byte) round);
      assertEquals((byte) round, memory.getByte(DATA + writable - 1));
      queue.push(request.head(), 0);
      queue.publish();
      assertTrue(driver.reap());
    }
  }

  private interface Piece {
    void add(int at, int length);
  }

  private static void cut(Random random, int length, Piece piece) {
    int at = 0;
    for (int pieces = 0; at < length; pieces++) {
      int n = pieces == 10 ? length - at : Math.min(length - at, random.nextInt(length + 1));
      piece.add(at, n);
      at += n;
    }
  }
}
