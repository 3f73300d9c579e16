package io.jvmm.vmm;

import io.jvmm.virtio.LatencySummary;
import io.jvmm.virtio.StatsSink;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes {@link DeviceStats} of what a device tells.
 *
 * <p>Threads: belongs to one thread.
 */
final class DeviceStatsCollector implements StatsSink {
  private final List<DeviceStats.Counter> counters = new ArrayList<>();
  private final List<DeviceStatsCollector> queues = new ArrayList<>();
  private @Nullable LatencySummary latency;

  @Override
  public void count(String name, long value) {
    counters.add(new DeviceStats.Counter(name, value));
  }

  @Override
  public void latency(LatencySummary summary) {
    latency = summary;
  }

  @Override
  public StatsSink queue(int index) {
    while (queues.size() <= index) {
      queues.add(new DeviceStatsCollector());
    }
    return queues.get(index);
  }

  DeviceStats stats(String name, @Nullable String problem) {
    List<DeviceStats.Queue> told = new ArrayList<>(queues.size());
    for (DeviceStatsCollector queue : queues) {
      told.add(new DeviceStats.Queue(List.copyOf(queue.counters), queue.latency));
    }
    return new DeviceStats(name, List.copyOf(counters), List.copyOf(told), problem);
  }
}
