package io.jvmm.virtio.queue;

import io.jvmm.virtio.StatsSink;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A queue's counters. They are the transport's, which hands them to every {@link SplitQueue} that
 * it makes for the same index: they go on counting over resets.
 *
 * <p>Threads: the queue's owner counts, any thread reads.
 */
public final class QueueStats {
  private final AtomicLong chains = new AtomicLong();
  private final AtomicLong interrupts = new AtomicLong();
  private final AtomicLong suppressed = new AtomicLong();
  private final AtomicLong doorbells = new AtomicLong();
  private final AtomicLong broken = new AtomicLong();

  /** All zero. */
  public QueueStats() {}

  void countChain() {
    add(chains);
  }

  void countInterrupt() {
    add(interrupts);
  }

  void countSuppressed() {
    add(suppressed);
  }

  void countBroken() {
    add(broken);
  }

  /** Hot: the owner was woken for this queue. */
  public void countDoorbell() {
    add(doorbells);
  }

  /** One writer: no atomic add, a torn or lost value is impossible all the same. */
  private static void add(AtomicLong counter) {
    counter.setOpaque(counter.getPlain() + 1);
  }

  /** Chains that {@link SplitQueue#poll} took. */
  public long chains() {
    return chains.getOpaque();
  }

  /** Times that {@link SplitQueue#publish} said that the driver wants an interrupt. */
  public long interrupts() {
    return interrupts.getOpaque();
  }

  /** Times that {@link SplitQueue#publish} showed something of which the driver need not know. */
  public long suppressed() {
    return suppressed.getOpaque();
  }

  /** Times that the owner was woken for the queue, by the driver or by itself. */
  public long doorbells() {
    return doorbells.getOpaque();
  }

  /** Times that the driver broke the queue. */
  public long broken() {
    return broken.getOpaque();
  }

  /**
   * Tells all.
   *
   * @param index the queue's: names begin with {@code queue0.}
   */
  public void report(int index, StatsSink sink) {
    String prefix = "queue" + index + ".";
    sink.count(prefix + "chains", chains());
    sink.count(prefix + "doorbells", doorbells());
    sink.count(prefix + "interrupts", interrupts());
    sink.count(prefix + "interrupts.suppressed", suppressed());
    sink.count(prefix + "broken", broken());
  }
}
