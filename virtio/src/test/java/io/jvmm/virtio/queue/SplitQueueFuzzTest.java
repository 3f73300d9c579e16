package io.jvmm.virtio.queue;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/**
 * A driver that does as the fuzzer says: it builds chains, good ones and others, and changes rings
 * and tables at any time, between two descriptors too. The device's side must give out no buffer
 * that is not in RAM, end every walk, and write nothing but its used ring.
 */
final class SplitQueueFuzzTest {
  private static final int RAM = 64 << 10;
  private static final long QUEUE = 0x1000;
  private static final long TABLE = 0x6000;
  private static final int MAX_OUT = 32;

  private static final GuestMemory MEMORY =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private static final long HOST = MEMORY.translate(0, RAM);
  private static final MemorySegment EXPECTED = MemorySegment.ofArray(new byte[RAM]);

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("SplitQueue", SplitQueueFuzzTest::fuzzerTestOneInput);
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    new Session(new FuzzInput(bytes)).run();
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  /** One driver with its queue. */
  private static final class Session {
    private final FuzzInput input;
    private final DriverQueue driver;
    private final QueueConfig config;
    private final SplitQueue queue;
    private final int[] out = new int[MAX_OUT];
    private int outCount;

    Session(FuzzInput input) {
      this.input = input;
      int bits = input.u8();
      long features = (bits & 1) != 0 ? Features.VIRTIO_F_RING_EVENT_IDX : 0;
      features |= (bits & 2) != 0 ? Features.VIRTIO_F_RING_INDIRECT_DESC : 0;
      features |= (bits & 4) != 0 ? Features.VIRTIO_F_IN_ORDER : 0;
      MEMORY.fill(0, RAM, (byte) 0);
      driver = new DriverQueue(MEMORY, QUEUE, 1 << (bits >>> 5));
      config = driver.config();
      queue = new SplitQueue(MEMORY, config, features);
    }

    void run() {
      while (input.hasMore()) {
        switch (input.below(10)) {
          case 0, 1 -> poke();
          case 2 -> submit();
          case 3 -> driver.offer(input.u16());
          case 4 -> driver.setAvailIdx(driver.availIdx() + input.u16());
          case 5, 6 -> takeChain();
          case 7 -> device(this::pushOne);
          case 8 -> device(queue::publish);
          default -> {
            if (input.bool()) {
              device(queue::disarm);
            } else {
              device(queue::rearm);
            }
          }
        }
      }
    }

    /** What the driver may do at any time: change anything of the queue or of a table. */
    private void poke() {
      long at = input.bool() ? QUEUE + input.below((int) (driver.end() - QUEUE)) : TABLE;
      switch (input.below(4)) {
        case 0 -> MEMORY.setByte(at, (byte) input.u8());
        case 1 -> MEMORY.setShort(at & ~1L, (short) input.u16());
        case 2 -> MEMORY.setLong(at & ~7L, input.gpa(RAM));
        default ->
            driver.setTableEntry(
                TABLE,
                input.below(16),
                input.gpa(RAM),
                input.length(),
                input.below(8),
                input.below(18));
      }
    }

    private void submit() {
      int index = input.below(config.size());
      int flags = input.below(8);
      driver.setDescriptor(
          index,
          (flags & VirtqLayout.VIRTQ_DESC_F_INDIRECT) != 0 ? TABLE : input.gpa(RAM),
          input.bool() ? 16 * input.below(17) : input.length(),
          flags,
          input.below(config.size() + 1));
      driver.offer(index);
    }

    private void takeChain() {
      if (outCount == MAX_OUT || queue.poll() != SplitQueue.CHAIN) {
        return;
      }
      DescriptorChain chain = queue.chain();
      check(chain.head() >= 0 && chain.head() < config.size(), "a head outside the table");
      boolean hurried = input.bool();
      boolean sawWritable = false;
      long total = 0;
      int steps = 0;
      while (chain.next()) {
        long length = chain.length();
        check(length >= 0 && length <= 0xffff_ffffL, "a length of no 32 bits");
        if (length > 0) {
          long offset = chain.hva() - HOST;
          check(offset == chain.gpa(), "a host address that is not the guest's");
          check(offset >= 0 && length <= RAM - offset, "a buffer outside RAM");
        }
        check(chain.isWritable() || !sawWritable, "a readable buffer after a writable one");
        sawWritable = chain.isWritable();
        total += length;
        steps++;
        if (!hurried && input.hasMore()) {
          poke();
        }
      }
      check(total <= DescriptorChain.MAX_CHAIN_LENGTH, "a chain of more than 2^32 bytes");
      check(
          steps <= config.size() + DescriptorChain.MAX_INDIRECT_DESCRIPTORS,
          "a walk without an end");
      check(chain.isBroken() == (queue.brokenReason() != null), "two opinions of being broken");
      if (!chain.isBroken()) {
        out[outCount++] = chain.head();
        check(outCount <= config.size(), "more chains out than there are descriptors");
      }
    }

    private void pushOne() {
      if (outCount > 0) {
        int chosen = input.below(outCount);
        int head = out[chosen];
        out[chosen] = out[--outCount];
        queue.push(head, input.u16());
      }
    }

    /** Whatever it is, it writes nothing outside the used ring, and nothing at all when broken. */
    private void device(Runnable step) {
      MemorySegment ram = MEMORY.slice(0, RAM);
      MemorySegment.copy(ram, 0, EXPECTED, 0, RAM);
      boolean broken = queue.brokenReason() != null;
      step.run();
      long used = config.usedGpa();
      long behind = used + VirtqLayout.usedLength(config.size());
      check(
          MemorySegment.mismatch(ram, 0, used, EXPECTED, 0, used) == -1, "a write before the ring");
      check(
          MemorySegment.mismatch(ram, behind, RAM, EXPECTED, behind, RAM) == -1,
          "a write behind the ring");
      check(!broken || ram.mismatch(EXPECTED) == -1, "a write to a broken queue");
    }
  }
}
