package io.jvmm.vmm;

import io.jvmm.virtio.LatencySummary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a device of a machine has counted since the machine was built.
 *
 * @param name of the device, for people: {@code disk /images/root.ext4}
 * @param counters of the whole device, in its own order
 * @param queues its virtqueues in their order; none where it is no virtio device
 * @param problem what its driver last did wrong, or null
 */
public record DeviceStats(
    String name, List<Counter> counters, List<Queue> queues, @Nullable String problem) {
  /**
   * One counter.
   *
   * @param name lower case, words joined by a dot, the unit last where it is not a count
   */
  public record Counter(String name, long value) {}

  /**
   * One virtqueue. Its counters are {@code requests} (chains taken), {@code bytes} of data moved,
   * {@code errors} answered, {@code doorbells} heard, {@code interrupts} sent, interrupts {@code
   * suppressed} since the driver did not want them, and {@code broken} (how often the driver broke
   * the rules of the queue).
   *
   * @param latency null where the device does not record it, or nobody asked for it
   */
  public record Queue(List<Counter> counters, @Nullable LatencySummary latency) {
    /** The counter of this name, or 0. */
    public long count(String name) {
      for (Counter counter : counters) {
        if (counter.name().equals(name)) {
          return counter.value();
        }
      }
      return 0;
    }
  }
}
