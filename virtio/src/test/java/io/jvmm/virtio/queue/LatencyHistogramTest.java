package io.jvmm.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.virtio.LatencySummary;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
  private final LatencyHistogram histogram = new LatencyHistogram();

  @Test
  void nothingRecordedIsAllZero() {
    assertEquals(new LatencySummary(0, 0, 0, 0, 0, 0), histogram.summary());
  }

  @Test
  void percentilesAreThoseOfTheValues() {
    for (int i = 1; i <= 1000; i++) {
      histogram.record(i * 1000L);
    }
    LatencySummary summary = histogram.summary();
    assertEquals(1000, summary.count());
    assertWithinOnePercent(500_000, summary.p50Nanos());
    assertWithinOnePercent(900_000, summary.p90Nanos());
    assertWithinOnePercent(990_000, summary.p99Nanos());
    assertWithinOnePercent(999_000, summary.p999Nanos());
    assertWithinOnePercent(1_000_000, summary.maxNanos());
  }

  @Test
  void aSlowOneAmongManyIsTheMaximumAndNoPercentile() {
    for (int i = 0; i < 9999; i++) {
      histogram.record(10_000);
    }
    histogram.record(2_000_000_000);
    LatencySummary summary = histogram.summary();
    assertWithinOnePercent(10_000, summary.p999Nanos());
    assertWithinOnePercent(2_000_000_000, summary.maxNanos());
  }

  @Test
  void whatIsOutOfRangeCountsAsItsEnd() {
    histogram.record(Long.MAX_VALUE);
    histogram.record(-1);
    histogram.record(Long.MIN_VALUE);
    LatencySummary summary = histogram.summary();
    assertEquals(3, summary.count());
    assertTrue(summary.p50Nanos() < 64, summary::toString);
    assertWithinOnePercent(LatencyHistogram.LONGEST_NANOS, summary.maxNanos());
  }

  @Test
  void memoryIsWhatTheJavadocSays() {
    long kib = new Histogram(64, LatencyHistogram.LONGEST_NANOS, 2).getEstimatedFootprintInBytes();
    assertEquals(26, (kib + 512) / 1024);
  }

  @Test
  void aReaderBesideTheRecorderSeesCountsThatOnlyGrow() throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    Thread recorder =
        new Thread(
            () -> {
              for (long i = 0; !stop.get(); i++) {
                histogram.record(1000 + i % 9000);
              }
            });
    recorder.start();
    long last = 0;
    for (int i = 0; i < 300; i++) {
      LatencySummary summary = histogram.summary();
      assertTrue(summary.count() >= last, () -> "fewer than before: " + summary);
      assertTrue(summary.p50Nanos() <= summary.p99Nanos(), summary::toString);
      assertTrue(summary.p999Nanos() <= summary.maxNanos(), summary::toString);
      last = summary.count();
    }
    stop.set(true);
    recorder.join();
  }

  private static void assertWithinOnePercent(long expected, long actual) {
    assertTrue(
        Math.abs(actual - expected) <= expected / 100, () -> actual + " instead of " + expected);
  }
}
