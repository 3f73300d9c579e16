package io.jvmm.virtio.queue;

import io.jvmm.virtio.LatencySummary;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.HdrHistogram.Histogram;

/**
 * How long the requests of one queue took. There is one only where somebody asked for latencies:
 * HdrHistogram is not loaded otherwise.
 *
 * <p>Its memory is fixed: 26 KiB of counts, whatever is recorded.
 *
 * <p>Threads: one records, the queue's I/O thread, with neither lock nor atomic operation. Any
 * thread reads, without holding the recorder up: it sees everything recorded before the last
 * completed {@link #record} that it can see, and perhaps part of what came since. (A 64-bit JVM
 * loads and stores a {@code long} whole, and a copy's total is the sum of the counts it found.)
 */
public final class LatencyHistogram {
  /** 64 ns is as fine as it gets: a request is a system call at least. */
  private static final long FINEST_NANOS = 64;

  /** 100 s; longer ones count as this long. Linux gives a disk 30 s by itself. */
  static final long LONGEST_NANOS = 100_000_000_000L;

  /** Values are told within 1 %. */
  private static final int DIGITS = 2;

  private static final VarHandle RECORDED;

  static {
    try {
      RECORDED =
          MethodHandles.lookup().findVarHandle(LatencyHistogram.class, "recorded", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Histogram histogram = new Histogram(FINEST_NANOS, LONGEST_NANOS, DIGITS);

  @SuppressWarnings("unused") // by RECORDED
  private long recorded;

  /** Nothing is recorded yet. */
  public LatencyHistogram() {}

  /**
   * Hot: records one request.
   *
   * @param nanos how long it took; below zero counts as nothing
   */
  public void record(long nanos) {
    histogram.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
    // Counts before the number; pairs with the acquire in summary().
    RECORDED.setRelease(this, (long) RECORDED.get(this) + 1);
  }

  /** What has been recorded so far; any thread. */
  public LatencySummary summary() {
    // Pairs with the release in record().
    long seen = (long) RECORDED.getAcquire(this);
    if (seen == 0) {
      return LatencySummary.NONE;
    }
    Histogram copy = histogram.copy();
    long max = copy.getMaxValue();
    return new LatencySummary(
        copy.getTotalCount(),
        percentile(copy, 50, max),
        percentile(copy, 90, max),
        percentile(copy, 99, max),
        percentile(copy, 99.9, max),
        max);
  }

  private static long percentile(Histogram copy, double percentile, long max) {
    return Math.min(copy.getValueAtPercentile(percentile), max);
  }
}
