package io.jvmm.virtio.queue;

import com.sun.management.ThreadMXBean;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import java.lang.management.ManagementFactory;

/**
 * Prints how many bytes an array of 100 takes, and how many a batch of chains takes from poll to
 * publish, at best: what is compiled on the way is not the queue's.
 */
final class QueueAllocationMeter {
  private static final long DATA = 0x8000;
  private static final long TABLE = 0x4000;
  private static final int SIZE = 8;
  private static final int CHAINS = 4000;
  private static final int MAX_BATCHES = 2000;

  private final GuestMemory memory =
      GuestMemory.allocate(1 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private final DriverQueue driver = new DriverQueue(memory, 0x1000, SIZE);
  private final SplitQueue queue =
      new SplitQueue(memory, driver.config(), Features.SPLIT_RING | Features.VIRTIO_F_IN_ORDER);
  private long interrupts;

  private QueueAllocationMeter() {
    // One chain of plain descriptors, one by an indirect table; the driver never changes them.
    driver.setDescriptor(0, DATA, 16, VirtqLayout.VIRTQ_DESC_F_NEXT, 1);
    driver.setDescriptor(1, DATA, 512, VirtqLayout.VIRTQ_DESC_F_WRITE, 0);
    driver.setTableEntry(TABLE, 0, DATA, 16, VirtqLayout.VIRTQ_DESC_F_NEXT, 1);
    driver.setTableEntry(TABLE, 1, DATA, 512, VirtqLayout.VIRTQ_DESC_F_WRITE, 0);
    driver.setDescriptor(2, TABLE, 32, VirtqLayout.VIRTQ_DESC_F_INDIRECT, 0);
  }

  public static void main(String[] args) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().threadId();
    long before = threads.getThreadAllocatedBytes(self);
    byte[] array = new byte[100];
    long counted = threads.getThreadAllocatedBytes(self) - before;
    QueueAllocationMeter meter = new QueueAllocationMeter();
    long least = Long.MAX_VALUE;
    for (int batch = 0; batch < MAX_BATCHES && least > 0; batch++) {
      long start = threads.getThreadAllocatedBytes(self);
      meter.serve();
      least = Math.min(least, threads.getThreadAllocatedBytes(self) - start);
    }
    if (meter.queue.brokenReason() != null || meter.interrupts == 0 || array.length != 100) {
      throw new AssertionError("nothing was measured: " + meter.queue.brokenReason());
    }
    System.out.println(counted + " " + least);
  }

  private void serve() {
    DescriptorChain chain = queue.chain();
    for (int i = 0; i < CHAINS; i++) {
      driver.offer(0);
      driver.offer(2);
      queue.disarm();
      while (queue.poll() == SplitQueue.CHAIN) {
        long written = 0;
        while (chain.next()) {
          written += chain.isWritable() ? chain.length() : 0;
        }
        queue.push(chain.head(), written);
      }
      interrupts += queue.publish() ? 1 : 0;
      queue.rearm();
    }
  }
}
