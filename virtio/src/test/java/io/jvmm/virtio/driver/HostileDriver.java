package io.jvmm.virtio.driver;

import java.util.Random;

/** What a driver does to break a device, on a {@link DriverQueue}. Each offers one chain. */
public final class HostileDriver {
  private final DriverQueue queue;

  /** Uses the queue's descriptors as it likes. */
  public HostileDriver(DriverQueue queue) {
    this.queue = queue;
  }

  /** Two descriptors that are each other's next. */
  public void loop(long gpa) {
    queue.setDescriptor(0, gpa, 16, DriverQueue.NEXT, 1);
    queue.setDescriptor(1, gpa, 16, DriverQueue.NEXT, 0);
    queue.offer(0);
  }

  /** {@code avail.idx} runs ahead by {@code entries}. */
  public void idxJump(int entries) {
    queue.setAvailIdx(queue.availIdx() + entries);
  }

  /** A head outside the table. */
  public void wildHead() {
    queue.offer(queue.size());
  }

  /** A next outside the table. */
  public void wildNext(long gpa) {
    queue.setDescriptor(0, gpa, 16, DriverQueue.NEXT, queue.size());
    queue.offer(0);
  }

  /** One buffer, of any address and length. */
  public void buffer(long gpa, int length, boolean writable) {
    queue.setDescriptor(0, gpa, length, writable ? DriverQueue.WRITE : 0, 0);
    queue.offer(0);
  }

  /** Two buffers of 2^32 - 1 bytes each: their sum overflows 32 bits. */
  public void hugeLengths(long gpa) {
    queue.setDescriptor(0, gpa, -1, DriverQueue.NEXT, 1);
    queue.setDescriptor(1, gpa, -1, 0, 0);
    queue.offer(0);
  }

  /** A writable buffer before a readable one. */
  public void writableFirst(long gpa) {
    queue.setDescriptor(0, gpa, 16, DriverQueue.WRITE | DriverQueue.NEXT, 1);
    queue.setDescriptor(1, gpa, 16, 0, 0);
    queue.offer(0);
  }

  /** An indirect table, of any address, length and further flags. */
  public void indirect(long tableGpa, int length, int moreFlags) {
    queue.setDescriptor(0, tableGpa, length, DriverQueue.INDIRECT | moreFlags, 1);
    queue.setDescriptor(1, tableGpa, 16, 0, 0);
    queue.offer(0);
  }

  /** An indirect table whose first entry is an indirect table. */
  public void nestedIndirect(long tableGpa) {
    queue.setTableEntry(tableGpa, 0, tableGpa, 16, DriverQueue.INDIRECT, 0);
    indirect(tableGpa, 16, 0);
  }

  /** An indirect table of {@code entries} that loops. */
  public void indirectLoop(long tableGpa, int entries, long gpa) {
    for (int i = 0; i < entries; i++) {
      queue.setTableEntry(tableGpa, i, gpa, 1, DriverQueue.NEXT, (i + 1) % entries);
    }
    indirect(tableGpa, 16 * entries, 0);
  }

  /** Fills the whole table with noise that is near to sense, and offers some of it. */
  public void noise(Random random, long ramLength, long tableGpa) {
    for (int i = 0; i < queue.size(); i++) {
      queue.setDescriptor(
          i, address(random, ramLength), length(random), flags(random), next(random));
      queue.setTableEntry(
          tableGpa, i, address(random, ramLength), length(random), flags(random), next(random));
    }
    queue.setDescriptor(
        random.nextInt(queue.size()), tableGpa, 16 * queue.size(), DriverQueue.INDIRECT, 0);
    int offers = 1 + random.nextInt(queue.size());
    for (int i = 0; i < offers; i++) {
      queue.offer(random.nextInt(64) == 0 ? random.nextInt() : random.nextInt(queue.size()));
    }
    if (random.nextInt(16) == 0) {
      idxJump(random.nextInt(1 << 16));
    }
  }

  private long address(Random random, long ramLength) {
    return switch (random.nextInt(16)) {
      case 0 -> random.nextLong();
      case 1 -> ramLength - random.nextInt(64);
      default -> random.nextLong(ramLength);
    };
  }

  private static int length(Random random) {
    return switch (random.nextInt(16)) {
      case 0 -> random.nextInt();
      case 1 -> 0;
      case 2 -> 16;
      default -> random.nextInt(4096);
    };
  }

  private static int flags(Random random) {
    return random.nextInt(16) == 0 ? random.nextInt(1 << 16) : random.nextInt(4);
  }

  private int next(Random random) {
    return random.nextInt(32) == 0 ? random.nextInt(1 << 16) : random.nextInt(queue.size());
  }
}
