package io.jvmm.virtio;

/**
 * How long requests took, from the moment the device saw one to its answer. Percentiles are rounded
 * up by at most 1 %.
 *
 * @param count how many requests
 * @param p50Nanos half of them took no longer
 * @param p90Nanos nine in ten took no longer
 * @param p99Nanos all but one in a hundred took no longer
 * @param p999Nanos all but one in a thousand took no longer
 * @param maxNanos the longest
 */
public record LatencySummary(
    long count, long p50Nanos, long p90Nanos, long p99Nanos, long p999Nanos, long maxNanos) {
  /** Of no request. */
  public static final LatencySummary NONE = new LatencySummary(0, 0, 0, 0, 0, 0);
}
