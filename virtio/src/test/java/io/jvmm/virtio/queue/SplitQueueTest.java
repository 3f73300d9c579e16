package io.jvmm.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.LatencySummary;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.driver.DriverQueue;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SplitQueueTest {
  private static final long RAM = 1 << 20;
  private static final long DATA = 0x8000;

  private final GuestMemory memory =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private final DriverQueue driver = new DriverQueue(memory, 0x1000, 8);
  private final SplitQueue queue = new SplitQueue(memory, driver.config(), Features.SPLIT_RING);
  private final SplitQueue byFlags = new SplitQueue(memory, driver.config(), 0);

  @AfterEach
  void free() {
    memory.close();
  }

  @Test
  void anEmptyQueueIsEmpty() {
    assertEquals(SplitQueue.EMPTY, queue.poll());
    assertFalse(queue.publish());
  }

  @Test
  void aChainComesWithItsBuffersInOrder() {
    int head = driver.chain().read(DATA, 16).write(DATA + 0x1000, 512).submit();

    assertEquals(SplitQueue.CHAIN, queue.poll());
    DescriptorChain chain = queue.chain();
    assertEquals(head, chain.head());
    assertTrue(chain.next());
    assertEquals(DATA, chain.gpa());
    assertEquals(memory.translate(DATA, 16), chain.hva());
    assertEquals(16, chain.length());
    assertFalse(chain.isWritable());
    assertTrue(chain.next());
    assertEquals(DATA + 0x1000, chain.gpa());
    assertEquals(512, chain.length());
    assertTrue(chain.isWritable());
    assertFalse(chain.next());
    assertFalse(chain.next());
    assertFalse(chain.isBroken());
    assertEquals(SplitQueue.EMPTY, queue.poll());
  }

  @Test
  void plainDescriptorsMayComeBeforeAnIndirectTable() {
    driver.chain().read(DATA, 16).indirect(0x4000).read(DATA, 32).write(DATA, 64).submit();

    assertEquals(SplitQueue.CHAIN, queue.poll());
    DescriptorChain chain = queue.chain();
    assertTrue(chain.next());
    assertEquals(16, chain.length());
    assertTrue(chain.next());
    assertEquals(32, chain.length());
    assertTrue(chain.next());
    assertEquals(64, chain.length());
    assertTrue(chain.isWritable());
    assertFalse(chain.next());
    assertFalse(chain.isBroken());
  }

  @Test
  void theWriteFlagOfAnIndirectTableIsIgnored() {
    driver.setTableEntry(0x4000, 0, DATA, 16, 0, 0);
    driver.setDescriptor(
        0, 0x4000, 16, VirtqLayout.VIRTQ_DESC_F_INDIRECT | VirtqLayout.VIRTQ_DESC_F_WRITE, 0);
    driver.offer(0);

    assertEquals(SplitQueue.CHAIN, queue.poll());
    assertTrue(queue.chain().next());
    assertFalse(queue.chain().isWritable());
  }

  @Test
  void anIndirectTableMayBeLongerThanTheQueue() {
    DriverQueue.Chain built = driver.chain().indirect(0x4000);
    for (int i = 0; i < 100; i++) {
      built.read(DATA, 1);
    }
    built.submit();

    assertEquals(SplitQueue.CHAIN, queue.poll());
    int buffers = 0;
    while (queue.chain().next()) {
      buffers++;
    }
    assertEquals(100, buffers);
    assertFalse(queue.chain().isBroken());
  }

  @Test
  void anEmptyBufferIsPartOfTheChainWhereverItPoints() {
    driver.setDescriptor(0, -1, 0, VirtqLayout.VIRTQ_DESC_F_NEXT, 1);
    driver.setDescriptor(1, DATA, 4, 0, 0);
    driver.offer(0);

    assertEquals(SplitQueue.CHAIN, queue.poll());
    assertTrue(queue.chain().next());
    assertEquals(0, queue.chain().length());
    assertTrue(queue.chain().next());
    assertEquals(4, queue.chain().length());
    assertFalse(queue.chain().next());
    assertFalse(queue.chain().isBroken());
  }

  @Test
  void theDriverSeesWhatWasPushedOnlyAfterItIsPublished() {
    int head = driver.chain().write(DATA, 16).submit();
    assertEquals(SplitQueue.CHAIN, queue.poll());
    queue.push(head, 5);
    assertFalse(driver.reap());

    queue.publish();
    assertTrue(driver.reap());
    assertEquals(head, driver.reapedHead());
    assertEquals(5, driver.reapedLength());
  }

  @Test
  void chainsMayBeUsedOutOfOrder() {
    int first = driver.chain().write(DATA, 16).submit();
    int second = driver.chain().write(DATA, 16).submit();
    assertEquals(SplitQueue.CHAIN, queue.poll());
    assertEquals(SplitQueue.CHAIN, queue.poll());
    queue.push(second, 2);
    queue.push(first, 1);
    queue.publish();

    assertTrue(driver.reap());
    assertEquals(second, driver.reapedHead());
    assertTrue(driver.reap());
    assertEquals(first, driver.reapedHead());
    assertEquals(1, driver.reapedLength());
  }

  @Test
  void theIndicesWrapAt65536() {
    for (int i = 0; i < 3 * 65536 + 5; i++) {
      int head = driver.chain().write(DATA, 16).submit();
      if (queue.poll() != SplitQueue.CHAIN) {
        assertEquals("", queue.brokenReason(), "round " + i);
      }
      queue.push(head, i & 15);
      queue.publish();
      assertTrue(driver.reap());
      assertEquals(i & 15, driver.reapedLength());
    }
    assertEquals(SplitQueue.EMPTY, queue.poll());
  }

  @Test
  void aFullQueueIsNoJump() {
    for (int i = 0; i < 8; i++) {
      driver.chain().read(DATA, 16).submit();
    }
    for (int i = 0; i < 8; i++) {
      assertEquals(SplitQueue.CHAIN, queue.poll());
    }
    assertEquals(SplitQueue.EMPTY, queue.poll());
  }

  @Test
  void withoutEventIndicesTheFlagsDecide() {
    int head = driver.chain().write(DATA, 16).submit();
    assertEquals(SplitQueue.CHAIN, byFlags.poll());
    byFlags.push(head, 0);
    assertTrue(byFlags.publish());

    driver.setNoInterrupt(true);
    byFlags.push(head, 0);
    assertFalse(byFlags.publish());

    byFlags.disarm();
    assertEquals(1, driver.usedFlags());
    assertFalse(byFlags.rearm());
    assertEquals(0, driver.usedFlags());
  }

  @Test
  void withEventIndicesTheDriverIsToldWhenItsEventIsPassed() {
    driver.setNoInterrupt(true); // means nothing here
    driver.setUsedEvent(2);
    assertFalse(pushOne()); // index 0
    assertFalse(pushOne()); // index 1
    assertTrue(pushOne()); // index 2: the one it waits for
    assertFalse(pushOne());
  }

  private boolean pushOne() {
    queue.push(0, 0);
    return queue.publish();
  }

  @Test
  void aBatchThatPassesTheEventIsOneInterrupt() {
    driver.setUsedEvent(1);
    queue.push(0, 0);
    queue.push(1, 0);
    queue.push(2, 0);
    assertTrue(queue.publish());
    assertFalse(queue.publish());
  }

  /**
   * A legacy feature (bit 24), never offered: a driver that sets it gets what it asked for else.
   */
  @Test
  void notifyOnEmptyMeansNothing() {
    SplitQueue legacy = new SplitQueue(memory, driver.config(), 1L << 24);
    int head = driver.chain().write(DATA, 16).submit();
    driver.setNoInterrupt(true);
    assertEquals(SplitQueue.CHAIN, legacy.poll());
    legacy.push(head, 0);
    assertFalse(legacy.publish()); // and the queue is empty
  }

  /** 2.7.7.2: the two ways do not mix. */
  @Test
  void withoutEventIndicesUsedEventIsIgnored() {
    driver.setUsedEvent(5);
    byFlags.push(0, 0);
    assertTrue(byFlags.publish());
    driver.setNoInterrupt(true);
    driver.setUsedEvent(1);
    byFlags.push(0, 0);
    assertFalse(byFlags.publish());
  }

  /** 2.7.10.2: with event indices the device leaves its flags at 0. */
  @Test
  void withEventIndicesTheFlagsStayZero() {
    queue.disarm();
    assertEquals(0, driver.usedFlags());
    queue.rearm();
    assertEquals(0, driver.usedFlags());
  }

  @Test
  void theLargestQueueThereIsServesAllOfItsDescriptors() {
    try (GuestMemory large =
        GuestMemory.allocate(4 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS)) {
      int size = VirtqLayout.MAX_QUEUE_SIZE;
      DriverQueue all = new DriverQueue(large, 0x1000, size);
      SplitQueue served = new SplitQueue(large, all.config(), 0);
      for (int i = 0; i < size; i++) {
        all.setDescriptor(
            i, DATA, 1, i == size - 1 ? 0 : VirtqLayout.VIRTQ_DESC_F_NEXT, (i + 1) % size);
      }
      all.offer(0);
      assertEquals(SplitQueue.CHAIN, served.poll());
      int buffers = 0;
      while (served.chain().next()) {
        buffers++;
      }
      assertEquals(size, buffers);
      assertFalse(served.chain().isBroken());
      served.push(0, 0);
      served.publish();
      all.setAvailIdx(1 + size); // as many chains as descriptors, at once
      for (int i = 0; i < size; i++) {
        assertEquals(SplitQueue.CHAIN, served.poll());
      }
      assertEquals(SplitQueue.EMPTY, served.poll());
    }
  }

  @Test
  void rearmAsksForTheNextChainAndTellsOfOneThatCame() {
    driver.chain().read(DATA, 16).submit();
    assertTrue(queue.rearm());
    assertEquals(0, driver.availEvent());
    assertEquals(SplitQueue.CHAIN, queue.poll());
    assertFalse(queue.rearm());
    assertEquals(1, driver.availEvent());
  }

  @Test
  void itCountsWhatItTakesAndTellsAndWithholds() {
    driver.chain().write(DATA, 16).submit();
    assertEquals(SplitQueue.CHAIN, byFlags.poll());
    assertEquals(SplitQueue.EMPTY, byFlags.poll());
    assertFalse(byFlags.publish()); // nothing to tell
    byFlags.push(0, 0);
    assertTrue(byFlags.publish());
    driver.setNoInterrupt(true);
    byFlags.push(0, 0);
    assertFalse(byFlags.publish());
    byFlags.fail("a test");
    byFlags.fail("a test again");

    QueueStats stats = byFlags.stats();
    stats.countDoorbell();
    assertEquals(1, stats.chains());
    assertEquals(1, stats.interrupts());
    assertEquals(1, stats.suppressed());
    assertEquals(1, stats.doorbells());
    assertEquals(1, stats.broken());
  }

  @Test
  void eventsWrapWithTheIndices() {
    assertTrue(Suppression.hasPassed(0xffff, 0xffff, 0));
    assertTrue(Suppression.hasPassed(0xffff, 0xfffe, 1));
    assertFalse(Suppression.hasPassed(0, 0xffff, 0));
    assertFalse(Suppression.hasPassed(1, 0xffff, 1));
    assertTrue(Suppression.hasPassed((short) -1, 0xffff, 3));
  }

  @Test
  void aQueueThatIsNotWhollyInRamIsRefused() {
    QueueConfig config = driver.config();
    config.setUsedGpa(RAM - 4);
    assertThrows(IllegalArgumentException.class, () -> new SplitQueue(memory, config, 0));
    config.setUsedGpa(-4);
    assertThrows(IllegalArgumentException.class, () -> new SplitQueue(memory, config, 0));
  }

  @Test
  void aQueueOfNoPowerOfTwoOrNotAlignedIsRefused() {
    QueueConfig config = driver.config();
    assertNull(config.problem(memory));
    for (int size : new int[] {0, -1, 3, 16, 65536, Integer.MIN_VALUE}) {
      config.setSize(size);
      assertThrows(IllegalArgumentException.class, () -> new SplitQueue(memory, config, 0));
    }
    config.setSize(8);
    config.setDescGpa(0x1008);
    assertThrows(IllegalArgumentException.class, () -> new SplitQueue(memory, config, 0));
    config.setDescGpa(0x1000);
    config.setAvailGpa(0x2001);
    assertThrows(IllegalArgumentException.class, () -> new SplitQueue(memory, config, 0));
    config.setAvailGpa(0x2000);
    config.setUsedGpa(0x3002);
    assertThrows(IllegalArgumentException.class, () -> new SplitQueue(memory, config, 0));
  }

  @Test
  void latenciesAreRecordedWhereTheyWereAskedFor() {
    QueueStats stats = new QueueStats();
    stats.recordLatencies();
    SplitQueue timed = new SplitQueue(memory, driver.config(), 0, stats);
    int first = driver.chain().write(DATA, 16).submit();
    int second = driver.chain().write(DATA, 16).submit();
    assertEquals(SplitQueue.CHAIN, timed.poll());
    assertEquals(SplitQueue.CHAIN, timed.poll());
    assertEquals(0, summary(stats).count());
    timed.push(second, 16);
    assertEquals(1, summary(stats).count());
    timed.push(first, 16);
    assertEquals(2, summary(stats).count());
    assertTrue(summary(stats).maxNanos() > 0);
  }

  private static LatencySummary summary(QueueStats stats) {
    AtomicReference<LatencySummary> told = new AtomicReference<>();
    stats.report(
        new StatsSink() {
          @Override
          public void count(String name, long value) {}

          @Override
          public void latency(LatencySummary summary) {
            told.set(summary);
          }
        });
    return Objects.requireNonNull(told.get());
  }
}
