package io.jvmm.virtio.queue;

import io.jvmm.virtio.StatsSink;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A queue's counters. They are the transport's, which hands them to every {@link SplitQueue} that
 * it makes for the same index: they go on counting over resets.
 *
 * <p>Threads: the queue's owner counts, any thread reads.
 */
public final class QueueStats {
  private final AtomicLong chains = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();
  private final AtomicLong interrupts = new AtomicLong();
  private final AtomicLong suppressed = new AtomicLong();
  private final AtomicLong doorbells = new AtomicLong();
  private final AtomicLong broken = new AtomicLong();

  /** Set before the first queue is made, if at all. */
  private @Nullable LatencyHistogram latencies;

  /** All zero. */
  public QueueStats() {}

  /**
   * Records from now on how long the device has each chain, from {@link SplitQueue#poll} to {@link
   * SplitQueue#push}. To be called before the driver can be ready.
   */
  public void recordLatencies() {
    latencies = new LatencyHistogram();
  }

  @Nullable LatencyHistogram latencies() {
    return latencies;
  }

  void countChain() {
    add(chains, 1);
  }

  void countInterrupt() {
    add(interrupts, 1);
  }

  void countSuppressed() {
    add(suppressed, 1);
  }

  void countBroken() {
    add(broken, 1);
  }

  /** Hot: the owner was woken for this queue. */
  public void countDoorbell() {
    add(doorbells, 1);
  }

  /** Hot: the device moved so much data for a request. */
  public void countBytes(long n) {
    add(bytes, n);
  }

  /** Hot: the device answered a request with an error. */
  public void countError() {
    add(errors, 1);
  }

  /** One writer: no atomic add, a torn or lost value is impossible all the same. */
  private static void add(AtomicLong counter, long n) {
    counter.setOpaque(counter.getPlain() + n);
  }

  /** Chains that {@link SplitQueue#poll} took. */
  public long chains() {
    return chains.getOpaque();
  }

  /** Bytes of data that the device moved, either way, without headers and statuses. */
  public long bytes() {
    return bytes.getOpaque();
  }

  /** Requests that the device answered with an error. */
  public long errors() {
    return errors.getOpaque();
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

  /** Tells all. */
  public void report(StatsSink sink) {
    sink.count("requests", chains());
    sink.count("bytes", bytes());
    sink.count("errors", errors());
    sink.count("doorbells", doorbells());
    sink.count("interrupts", interrupts());
    sink.count("suppressed", suppressed());
    sink.count("broken", broken());
    if (latencies != null) {
      sink.latency(latencies.summary());
    }
  }
}
