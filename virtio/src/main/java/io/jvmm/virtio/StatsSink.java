package io.jvmm.virtio;

/** Takes a device's counters, one call each. */
@FunctionalInterface
public interface StatsSink {
  /**
   * One counter.
   *
   * @param name lower case, words joined by a dot, the unit last where it is not a count: {@code
   *     read.bytes}
   */
  void count(String name, long value);
}
