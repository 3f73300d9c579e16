package io.jvmm.virtio;

/**
 * Takes what a device tells of itself: counters of the device, and counters and latencies of each
 * of its queues.
 */
@FunctionalInterface
public interface StatsSink {
  /**
   * One counter.
   *
   * @param name lower case, words joined by a dot, the unit last where it is not a count: {@code
   *     read.bytes}
   */
  void count(String name, long value);

  /** How long requests took; forgotten by those who only take counters. */
  default void latency(LatencySummary summary) {}

  /**
   * Where to tell what belongs to one queue; the transport and the device may both do so. Those who
   * take everything in one list get names that begin with {@code queue0.}
   *
   * @param index of the queue, not negative
   */
  default StatsSink queue(int index) {
    return (name, value) -> count("queue" + index + "." + name, value);
  }
}
