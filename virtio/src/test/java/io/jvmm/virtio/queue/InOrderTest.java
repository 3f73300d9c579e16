package io.jvmm.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InOrderTest {
  private static final long DATA = 0x8000;
  private static final int SIZE = 8;

  private final GuestMemory memory =
      GuestMemory.allocate(1 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private final DriverQueue driver = new DriverQueue(memory, 0x1000, SIZE);
  private final SplitQueue queue =
      new SplitQueue(
          memory, driver.config(), Features.VIRTIO_F_IN_ORDER | Features.VIRTIO_F_RING_EVENT_IDX);

  @AfterEach
  void free() {
    memory.close();
  }

  private int take() {
    int head = driver.chain().write(DATA, 16).submit();
    assertEquals(SplitQueue.CHAIN, queue.poll());
    assertEquals(head, queue.chain().head());
    return head;
  }

  private void assertReaped(int head, long written) {
    assertTrue(driver.reap());
    assertEquals(head, driver.reapedHead());
    assertEquals(written, driver.reapedLength());
  }

  @Test
  void whatIsFinishedBeforeItsTurnWaits() {
    int first = take();
    int second = take();
    int third = take();

    queue.push(third, 3);
    assertFalse(queue.publish());
    queue.push(second, 2);
    assertFalse(queue.publish());
    assertFalse(driver.reap());

    queue.push(first, 1);
    assertTrue(queue.publish());
    assertReaped(first, 1);
    assertReaped(second, 2);
    assertReaped(third, 3);
    assertFalse(driver.reap());
  }

  @Test
  void whatIsFinishedInItsTurnIsShownAtOnce() {
    int first = take();
    int second = take();
    queue.push(first, 1);
    assertTrue(queue.publish());
    assertReaped(first, 1);
    assertFalse(driver.reap());
    queue.push(second, 0);
    queue.publish();
    assertReaped(second, 0);
  }

  @Test
  void aHeadThatTheDeviceHasAlreadyBreaksTheQueue() {
    int head = take();
    driver.offer(head);
    assertEquals(SplitQueue.BROKEN, queue.poll());
    queue.push(head, 0);
    assertFalse(queue.publish());
  }

  @Test
  void aChainThatIsNotOutIsTheDevicesMistake() {
    assertThrows(IllegalStateException.class, () -> queue.push(0, 0));
  }

  /** Any order of finishing is the order of taking for the driver, over many turns of the ring. */
  @Test
  void theDriverSeesTheOrderInWhichItMadeThemAvailable() {
    Random random = new Random(7);
    Deque<Integer> expected = new ArrayDeque<>();
    List<Integer> out = new ArrayList<>();
    int reaped = 0;
    for (int round = 0; round < 200_000; round++) {
      if (driver.freeCount() > 0 && random.nextBoolean()) {
        int head = take();
        expected.add(head);
        out.add(head);
      } else if (!out.isEmpty()) {
        int head = out.remove(/* index */ random.nextInt(out.size()));
        queue.push(head, head + 100L);
        queue.publish();
      }
      while (driver.reap()) {
        int head = expected.remove();
        assertEquals(head, driver.reapedHead());
        assertEquals(head + 100L, driver.reapedLength());
        reaped++;
      }
    }
    assertTrue(reaped > 65_536, "the indices wrapped");
  }
}
