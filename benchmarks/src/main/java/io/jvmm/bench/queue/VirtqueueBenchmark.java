package io.jvmm.bench.queue;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.queue.DescriptorChain;
import io.jvmm.virtio.queue.QueueConfig;
import io.jvmm.virtio.queue.SplitQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From an available chain to the used ring, in one thread: what the ring itself costs a request.
 * The driver's part is one store of {@code avail.idx}; its table and ring stand still.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class VirtqueueBenchmark {
  private static final int QUEUE_SIZE = 256;
  private static final long RAM = 1 << 20;
  private static final long DESC = 0x1000;
  private static final long AVAIL = 0x3000;
  private static final long USED = 0x4000;
  private static final long BUFFER = 0x8000;
  private static final int INDIRECT = 4;
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final long AVAIL_IDX = AVAIL + 2;

  /** Descriptors of a chain: 3 is a block request of one page. */
  @Param({"1", "3"})
  public int descriptors;

  /** Whether they are in an indirect table, as Linux has them. */
  @Param({"false", "true"})
  public boolean indirect;

  private GuestMemory memory;
  private SplitQueue queue;
  private int availIdx;

  @Setup
  public void fill() {
    memory = GuestMemory.allocate(RAM, 0xd000_0000L, 0x1_0000_0000L, GuestMemory.Backing.ANONYMOUS);
    QueueConfig config = new QueueConfig(QUEUE_SIZE);
    config.setDescGpa(DESC);
    config.setAvailGpa(AVAIL);
    config.setUsedGpa(USED);
    config.setReady(true);
    long chainTable = indirect ? BUFFER : DESC;
    for (int i = 0; i < descriptors; i++) {
      boolean last = i == descriptors - 1;
      long at = chainTable + 16L * i;
      memory.setLong(at, BUFFER + 0x1000 * (i + 1L));
      memory.setInt(at + 8, 4096);
      memory.setShort(at + 12, (short) ((last ? 0 : NEXT) | (i == 0 ? 0 : WRITE)));
      memory.setShort(at + 14, (short) (i + 1));
    }
    if (indirect) {
      memory.setLong(DESC, BUFFER);
      memory.setInt(DESC + 8, 16 * descriptors);
      memory.setShort(DESC + 12, (short) INDIRECT);
    }
    queue = new SplitQueue(memory, config, Features.VIRTIO_F_VERSION_1 | Features.SPLIT_RING);
  }

  /** The loop's own cost: the driver's store. */
  @Benchmark
  public int driverAlone() {
    memory.releaseShort(AVAIL_IDX, (short) ++availIdx);
    return availIdx;
  }

  /** Poll, walk the chain, push, publish. */
  @Benchmark
  public long popToPush() {
    memory.releaseShort(AVAIL_IDX, (short) ++availIdx);
    if (queue.poll() != SplitQueue.CHAIN) {
      throw new IllegalStateException("no chain: " + queue.brokenReason());
    }
    DescriptorChain chain = queue.chain();
    long bytes = 0;
    while (chain.next()) {
      bytes += chain.length();
    }
    queue.push(chain.head(), bytes);
    queue.publish();
    return bytes;
  }

  @TearDown
  public void free() {
    memory.close();
  }
}
