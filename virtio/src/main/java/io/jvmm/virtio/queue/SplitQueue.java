package io.jvmm.virtio.queue;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The device's side of a split virtqueue (virtio 1.2, 2.7). A driver that breaks the rules breaks
 * the queue, never the caller: {@link #poll} answers {@link #BROKEN} from then on, and the device
 * says {@link io.jvmm.virtio.DeviceNotifier#needsReset} with {@link #brokenReason}.
 *
 * <p>Threads: one owner, the device's I/O thread; the maker hands it over with the happens-before
 * of its own.
 */
public final class SplitQueue {
  /** {@link #poll}: there is nothing. */
  public static final int EMPTY = 0;

  /** {@link #poll}: {@link #chain} stands before the first buffer of a chain. */
  public static final int CHAIN = 1;

  /** {@link #poll}: the driver broke the rules; nothing more comes until a reset. */
  public static final int BROKEN = 2;

  private static final int IDX_MASK = 0xffff;

  private final GuestMemory memory;
  private final int size;
  private final int slotMask;
  private final long availIdxGpa;
  private final long availRingGpa;
  private final long usedIdxGpa;
  private final long usedRingGpa;
  private final Suppression suppression;
  private final DescriptorChain chain;
  private final QueueStats stats;
  private final @Nullable InOrder inOrder;
  private final @Nullable ChainTimer timer;

  private int nextAvail;
  private int seenAvail;
  private int nextUsed;
  private int publishedUsed;
  private @Nullable String brokenReason;

  /**
   * Makes the queue that the driver programmed, at its beginning, with counters of its own.
   *
   * @param features as agreed on
   * @throws IllegalArgumentException where {@link QueueConfig#problem} has something to say
   */
  public SplitQueue(GuestMemory memory, QueueConfig config, long features) {
    this(memory, config, features, new QueueStats());
  }

  /**
   * As the other, but goes on counting where the queue before it ended.
   *
   * @param stats of this queue's index
   */
  public SplitQueue(GuestMemory memory, QueueConfig config, long features, QueueStats stats) {
    String problem = config.problem(memory);
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
    this.memory = memory;
    this.size = config.size();
    this.slotMask = size - 1;
    this.availIdxGpa = config.availGpa() + VirtqLayout.AVAIL_IDX;
    this.availRingGpa = config.availGpa() + VirtqLayout.AVAIL_RING;
    this.usedIdxGpa = config.usedGpa() + VirtqLayout.USED_IDX;
    this.usedRingGpa = config.usedGpa() + VirtqLayout.USED_RING;
    this.suppression =
        new Suppression(memory, config, Features.has(features, Features.VIRTIO_F_RING_EVENT_IDX));
    this.chain =
        new DescriptorChain(
            this, memory, config, Features.has(features, Features.VIRTIO_F_RING_INDIRECT_DESC));
    this.stats = stats;
    this.inOrder = Features.has(features, Features.VIRTIO_F_IN_ORDER) ? new InOrder(size) : null;
    LatencyHistogram latencies = stats.latencies();
    this.timer = latencies == null ? null : new ChainTimer(latencies, size);
  }

  /** The counters, of this queue and those before it. */
  public QueueStats stats() {
    return stats;
  }

  /** The cursor that {@link #poll} places; always the same object. */
  public DescriptorChain chain() {
    return chain;
  }

  /** How many descriptors the queue has. */
  public int size() {
    return size;
  }

  /** Why the queue is broken, or null. */
  public @Nullable String brokenReason() {
    return brokenReason;
  }

  /**
   * Hot: takes the next available chain.
   *
   * @return {@link #CHAIN}, {@link #EMPTY} or {@link #BROKEN}
   */
  public int poll() {
    if (brokenReason != null) {
      return BROKEN;
    }
    if (nextAvail == seenAvail) {
      int idx = acquireAvailIdx();
      int added = (idx - nextAvail) & IDX_MASK;
      if (added == 0) {
        return EMPTY;
      }
      int taken =
          (nextAvail - nextUsed) & IDX_MASK; // and not given back: their descriptors are busy
      if (added > size - taken) {
        return markBroken("avail.idx ran ahead by more than the queue size");
      }
      seenAvail = idx;
    }
    int head =
        memory.getShort(availRingGpa + (long) (nextAvail & slotMask) * Short.BYTES) & IDX_MASK;
    if (head >= size) {
      return markBroken("an available descriptor is outside the table");
    }
    if (inOrder != null && !inOrder.take(head)) {
      return markBroken("a descriptor that the device has was made available again");
    }
    nextAvail = (nextAvail + 1) & IDX_MASK;
    chain.begin(head);
    stats.countChain();
    if (timer != null) {
      timer.taken(head);
    }
    return CHAIN;
  }

  /**
   * Hot: whether {@link #poll} knows of a next chain without looking whether the driver has more.
   */
  public boolean knowsOfMore() {
    return brokenReason == null && nextAvail != seenAvail;
  }

  /**
   * Hot: puts a chain into the used ring; the driver sees it with the next {@link #publish}. Where
   * VIRTIO_F_IN_ORDER was agreed on, one that was taken later than another that is still out waits
   * for its turn.
   *
   * @param head from {@link DescriptorChain#head}
   * @param written how many bytes of its writable buffers were filled, from their beginning
   */
  public void push(int head, long written) {
    if (brokenReason != null) {
      return;
    }
    if (timer != null) {
      timer.used(head);
    }
    if (inOrder == null) {
      use(head, written);
      return;
    }
    inOrder.finish(head, written);
    while (inOrder.isOldestFinished()) {
      use(inOrder.oldestHead(), inOrder.oldestWritten());
      inOrder.release();
    }
  }

  private void use(int head, long written) {
    long elementGpa =
        usedRingGpa + (long) (nextUsed & slotMask) * VirtqLayout.USED_ELEM_SIZE; // 4-byte aligned
    memory.setLong(elementGpa, (head & 0xffff_ffffL) | written << 32);
    nextUsed = (nextUsed + 1) & IDX_MASK;
  }

  /**
   * Hot: shows the driver what was pushed.
   *
   * @return whether the driver wants an interrupt for it
   */
  public boolean publish() {
    if (nextUsed == publishedUsed || brokenReason != null) {
      return false;
    }
    releaseUsedIdx(nextUsed);
    // Store used.idx before loading used_event or flags; pairs with the driver's barrier between
    // storing those and loading used.idx again (2.7.7.1, 2.7.8.1).
    VarHandle.fullFence();
    boolean wanted = suppression.isInterruptWanted(publishedUsed, nextUsed);
    publishedUsed = nextUsed;
    if (wanted) {
      stats.countInterrupt();
    } else {
      stats.countSuppressed();
    }
    return wanted;
  }

  /** Hot: asks the driver for no doorbells while the owner is polling anyway; a hint. */
  public void disarm() {
    if (brokenReason == null) {
      suppression.refuseDoorbells();
    }
  }

  /**
   * Hot: asks the driver for a doorbell with the next chain, before the owner goes to wait.
   *
   * @return true where a chain has come in the meantime, for which there may be no doorbell: poll
   *     again
   */
  public boolean rearm() {
    if (brokenReason != null) {
      return false;
    }
    suppression.askForDoorbell(nextAvail);
    // Store avail_event or flags before loading avail.idx; pairs with the driver's barrier between
    // storing avail.idx and loading those (2.7.13.4.1).
    VarHandle.fullFence();
    return acquireAvailIdx() != nextAvail;
  }

  /**
   * Breaks the queue because of what a chain holds, where the device cannot even answer it.
   *
   * @param reason for people: what the driver did wrong
   */
  public void fail(String reason) {
    markBroken(reason);
  }

  int markBroken(String reason) {
    if (brokenReason == null) {
      brokenReason = reason;
      stats.countBroken();
    }
    return BROKEN;
  }

  private int acquireAvailIdx() {
    // Pairs with the driver's barrier between filling table and ring and storing avail.idx
    // (2.7.13.3.1): what it filled before is seen after.
    return memory.acquireShort(availIdxGpa) & IDX_MASK;
  }

  private void releaseUsedIdx(int idx) {
    // Pairs with the driver's barrier after loading used.idx (2.7.14): used element and payload,
    // written before, are seen after.
    memory.releaseShort(usedIdxGpa, (short) idx);
  }
}
