package io.jvmm.devices.vsock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class MessageLengthsTest {
  private final ChunkPool pool = new ChunkPool(1 << 20);

  @Test
  void lengthsComeOutAsTheyWentIn() {
    MessageLengths lengths = new MessageLengths(pool);
    int added = 0;
    int removed = 0;
    while (added < 200_000) {
      for (int i = 0; i < 1000; i++) {
        assertTrue(lengths.add(added++));
      }
      for (int i = 0; i < 900; i++) {
        assertEquals(removed++, lengths.first());
        lengths.remove();
      }
    }
    while (!lengths.isEmpty()) {
      assertEquals(removed++, lengths.first());
      lengths.remove();
    }
    assertEquals(added, removed);
    assertEquals(0, pool.used());
  }

  /** The heap of a machine is 32 MiB, and a guest has thousands of connections. */
  @Test
  void asManyAsAGuestMaySendTakeThePoolsMemoryAndNoHeap() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    MessageLengths lengths = new MessageLengths(pool);
    long before = threads.getCurrentThreadAllocatedBytes();
    while (lengths.add(1)) {
      // goes on
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 64 * 1024, () -> allocated + " bytes");
    assertTrue(pool.used() > 0);
    lengths.clear();
    assertEquals(0, pool.used());
  }

  @Test
  void aPoolThatHasNothingLeftIsTheEnd() {
    MessageLengths lengths = new MessageLengths(pool);
    while (pool.take() != ChunkPool.NONE) {
      // takes all
    }
    assertFalse(lengths.add(1));
    assertTrue(lengths.isEmpty());
  }
}
