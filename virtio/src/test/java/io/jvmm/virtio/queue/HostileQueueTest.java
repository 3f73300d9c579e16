package io.jvmm.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.driver.HostileDriver;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostileQueueTest {
  private static final long RAM = 1 << 20;
  private static final long DATA = 0x8000;
  private static final long TABLE = 0x4000;

  private final GuestMemory memory =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private final DriverQueue driver = new DriverQueue(memory, 0x1000, 8);
  private final HostileDriver hostile = new HostileDriver(driver);
  private final SplitQueue queue = new SplitQueue(memory, driver.config(), Features.SPLIT_RING);

  @AfterEach
  void free() {
    memory.close();
  }

  /** Polls one chain and walks it; answers how many buffers it gave out. */
  private int walk() {
    int buffers = 0;
    if (queue.poll() == SplitQueue.CHAIN) {
      while (queue.chain().next()) {
        buffers++;
      }
    }
    return buffers;
  }

  private void assertBroken() {
    assertNotNull(queue.brokenReason());
    assertEquals(SplitQueue.BROKEN, queue.poll());
    assertFalse(queue.rearm());
    queue.push(0, 0);
    assertFalse(queue.publish());
    assertEquals(0, driver.usedIdx());
  }

  @Test
  void aLoopEndsAfterAsManyDescriptorsAsThereAre() {
    hostile.loop(DATA);
    assertEquals(8, walk());
    assertBroken();
  }

  @Test
  void aJumpOfAvailIdxBreaksTheQueue() {
    hostile.idxJump(9);
    assertEquals(0, walk());
    assertBroken();
  }

  /**
   * Each step alone is within the queue's size; together they are more than there are descriptors.
   */
  @Test
  void moreChainsThanThereAreDescriptorsBreakTheQueue() {
    hostile.idxJump(8);
    for (int i = 0; i < 8; i++) {
      assertEquals(SplitQueue.CHAIN, queue.poll());
    }
    hostile.idxJump(1);
    assertEquals(0, walk());
    assertBroken();
  }

  @Test
  void availIdxThatGoesBackBreaksTheQueue() {
    hostile.idxJump(-1);
    assertEquals(0, walk());
    assertBroken();
  }

  @Test
  void aHeadOutsideTheTableBreaksTheQueue() {
    hostile.wildHead();
    assertEquals(0, walk());
    assertBroken();
  }

  @Test
  void aNextOutsideTheTableBreaksTheQueue() {
    hostile.wildNext(DATA);
    assertEquals(0, walk());
    assertBroken();
  }

  @Test
  void aBufferOutsideRamBreaksTheQueue() {
    for (long gpa : new long[] {RAM, RAM - 15, -1, Long.MAX_VALUE, Long.MIN_VALUE, 0xd000_0000L}) {
      HostileQueueTest fresh = new HostileQueueTest();
      try {
        fresh.hostile.buffer(gpa, 16, true);
        assertEquals(0, fresh.walk(), "0x" + Long.toHexString(gpa));
        fresh.assertBroken();
      } finally {
        fresh.free();
      }
    }
  }

  @Test
  void lengthsThatOverflowBreakTheQueue() {
    hostile.hugeLengths(DATA);
    assertEquals(0, walk());
    assertBroken();
  }

  @Test
  void aReadableBufferAfterAWritableOneBreaksTheQueue() {
    hostile.writableFirst(DATA);
    assertEquals(1, walk());
    assertBroken();
  }

  @Test
  void anIndirectTableThatWasNotAgreedOnBreaksTheQueue() {
    SplitQueue plain = new SplitQueue(memory, driver.config(), 0);
    hostile.indirect(TABLE, 16, 0);
    assertEquals(SplitQueue.CHAIN, plain.poll());
    assertFalse(plain.chain().next());
    assertTrue(plain.chain().isBroken());
  }

  @Test
  void anIndirectTableInAnIndirectTableBreaksTheQueue() {
    hostile.nestedIndirect(TABLE);
    assertEquals(0, walk());
    assertBroken();
  }

  @Test
  void anIndirectTableWithANextBreaksTheQueue() {
    hostile.indirect(TABLE, 16, VirtqLayout.VIRTQ_DESC_F_NEXT);
    assertEquals(0, walk());
    assertBroken();
  }

  @Test
  void anIndirectTableOfABadLengthOrAddressBreaksTheQueue() {
    long[][] bad = {{TABLE, 0}, {TABLE, 15}, {TABLE, 24}, {RAM - 16, 32}, {-16, 32}, {TABLE, -16}};
    for (long[] table : bad) {
      HostileQueueTest fresh = new HostileQueueTest();
      try {
        fresh.hostile.indirect(table[0], (int) table[1], 0);
        assertEquals(0, fresh.walk());
        fresh.assertBroken();
      } finally {
        fresh.free();
      }
    }
  }

  @Test
  void aLoopInAnIndirectTableEnds() {
    hostile.indirectLoop(TABLE, 4, DATA);
    assertEquals(4, walk());
    assertBroken();
  }

  @Test
  void aHugeIndirectTableIsCutOff() {
    hostile.indirectLoop(TABLE, 4096, DATA);
    assertEquals(DescriptorChain.MAX_INDIRECT_DESCRIPTORS, walk());
    assertBroken();
  }

  @Test
  void aDescriptorThatChangesAfterItWasReadChangesNothing() {
    driver.chain().read(DATA, 16).write(DATA, 32).submit();
    assertEquals(SplitQueue.CHAIN, queue.poll());
    assertTrue(queue.chain().next());
    driver.setDescriptor(0, -1, -1, -1, -1); // its copy is what counts
    assertEquals(DATA, queue.chain().gpa());
    assertEquals(16, queue.chain().length());
    assertTrue(queue.chain().next());
    assertEquals(32, queue.chain().length());
    assertFalse(queue.chain().isBroken());
  }

  @Test
  void aDescriptorThatChangesHalfWayIsCheckedAsItIsThen() {
    driver.chain().read(DATA, 16).write(DATA, 32).submit();
    assertEquals(SplitQueue.CHAIN, queue.poll());
    assertTrue(queue.chain().next());
    driver.setDescriptor(1, RAM, 32, VirtqLayout.VIRTQ_DESC_F_WRITE, 0);
    assertFalse(queue.chain().next());
    assertBroken();
  }

  @Test
  void aRingEntryThatChangesAfterItWasReadChangesNothing() {
    int head = driver.chain().read(DATA, 16).submit();
    assertEquals(SplitQueue.CHAIN, queue.poll());
    memory.setShort(driver.config().availGpa() + VirtqLayout.AVAIL_RING, (short) -1);
    assertEquals(head, queue.chain().head());
    assertTrue(queue.chain().next());
    assertEquals(DATA, queue.chain().gpa());
  }

  /** What was seen was seen; the index that has gone back is found when it is looked at next. */
  @Test
  void availIdxThatGoesBackBetweenChainsIsFoundAtTheNextLook() {
    driver.chain().read(DATA, 16).submit();
    driver.chain().read(DATA, 32).submit();
    assertEquals(SplitQueue.CHAIN, queue.poll());
    driver.setAvailIdx(0);
    assertEquals(SplitQueue.CHAIN, queue.poll());
    assertTrue(queue.chain().next());
    assertEquals(32, queue.chain().length());
    assertFalse(queue.chain().next());
    assertEquals(SplitQueue.BROKEN, queue.poll());
    assertBroken();
  }

  @Test
  void anIndirectTableThatChangesHalfWayIsCheckedAsItIsThen() {
    driver.chain().indirect(TABLE).read(DATA, 16).write(DATA, 32).submit();
    assertEquals(SplitQueue.CHAIN, queue.poll());
    assertTrue(queue.chain().next());
    driver.setTableEntry(TABLE, 1, DATA, 32, VirtqLayout.VIRTQ_DESC_F_NEXT, 2); // beyond its end
    assertFalse(queue.chain().next());
    assertBroken();
  }

  /** The descriptor of the table is a copy: its length, once checked, cannot grow. */
  @Test
  void anIndirectTableThatIsMadeLongerAfterItWasEnteredIsAsLongAsItWas() {
    driver.chain().indirect(TABLE).read(DATA, 16).read(DATA, 16).submit();
    assertEquals(SplitQueue.CHAIN, queue.poll());
    assertTrue(queue.chain().next());
    driver.setDescriptor(0, TABLE, 16 * 8, VirtqLayout.VIRTQ_DESC_F_INDIRECT, 0);
    driver.setTableEntry(TABLE, 1, DATA, 16, VirtqLayout.VIRTQ_DESC_F_NEXT, 2);
    assertFalse(queue.chain().next());
    assertBroken();
  }

  /** 2.7.5: 2^32 bytes are the most; a driver cannot overflow a sum with buffers that all fit. */
  @Test
  void aChainOf4GiBIsServedAndOneByteMoreBreaksTheQueue() {
    long ram = 8 << 20;
    try (GuestMemory large =
        GuestMemory.allocate(ram, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS)) {
      DriverQueue big = new DriverQueue(large, 0x1000, 8);
      SplitQueue victim = new SplitQueue(large, big.config(), Features.SPLIT_RING);
      int buffers = (int) (DescriptorChain.MAX_CHAIN_LENGTH / ram);
      for (int extra = 0; extra <= 1; extra++) {
        DriverQueue.Chain chain = big.chain().indirect(TABLE);
        for (int i = 0; i < buffers; i++) {
          chain.write(0, (int) ram);
        }
        if (extra > 0) {
          chain.write(0, 1);
        }
        chain.submit();
        assertEquals(SplitQueue.CHAIN, victim.poll());
        int walked = 0;
        while (victim.chain().next()) {
          walked++;
        }
        assertEquals(buffers, walked);
        assertEquals(extra > 0, victim.chain().isBroken());
      }
    }
  }

  @Test
  void whatBreaksAQueueIsCountedOnce() {
    hostile.idxJump(9);
    assertEquals(SplitQueue.BROKEN, queue.poll());
    assertEquals(SplitQueue.BROKEN, queue.poll());
    queue.fail("a second reason");
    assertEquals(1, queue.stats().broken());
  }

  /** No round may throw, hang, or give out a buffer that is not wholly in RAM. */
  @Test
  void noiseNeverGetsABufferOutsideRam() {
    Random random = new Random(42);
    long base = memory.translate(0, RAM);
    int broken = 0;
    int buffers = 0;
    for (int round = 0; round < 20_000; round++) {
      DriverQueue noisy = new DriverQueue(memory, 0x1000, 8);
      SplitQueue victim = new SplitQueue(memory, noisy.config(), Features.SPLIT_RING);
      new HostileDriver(noisy).noise(random, RAM, TABLE);
      while (victim.poll() == SplitQueue.CHAIN) {
        long total = 0;
        int steps = 0;
        DescriptorChain chain = victim.chain();
        while (chain.next()) {
          long offset = chain.hva() - base;
          assertTrue(
              chain.length() == 0
                  || (offset >= 0 && chain.length() <= RAM - offset && offset == chain.gpa()));
          total += chain.length();
          steps++;
          buffers++;
        }
        assertTrue(total <= DescriptorChain.MAX_CHAIN_LENGTH);
        assertTrue(steps <= 16);
        victim.push(chain.head(), total & 0xffff);
        victim.publish();
      }
      broken += victim.brokenReason() == null ? 0 : 1;
    }
    assertTrue(broken > 1000, "noise that breaks too little: " + broken);
    assertTrue(buffers > 10_000, "noise that gives too few buffers: " + buffers);
  }
}
