package io.jvmm.vmm.stats;

import io.jvmm.virtio.LatencySummary;
import io.jvmm.vmm.DeviceStats;
import io.jvmm.vmm.ExitCounts;
import io.jvmm.vmm.json.JsonText;
import java.util.List;

/** What a machine has counted, in the one form in which {@code --stats} and the socket tell it. */
public final class StatsJson {
  private StatsJson() {}

  /** A list with an object a vCPU. */
  public static void exits(JsonText json, List<ExitCounts> exits) {
    json.beginArray();
    for (ExitCounts counts : exits) {
      json.beginObject();
      json.name("total").value(counts.total());
      json.name("portReads").value(counts.portReads());
      json.name("portWrites").value(counts.portWrites());
      json.name("mmioReads").value(counts.mmioReads());
      json.name("mmioWrites").value(counts.mmioWrites());
      json.name("interrupted").value(counts.interrupted());
      json.endObject();
    }
    json.endArray();
  }

  /** A list with an object a device. */
  public static void devices(JsonText json, List<DeviceStats> devices) {
    json.beginArray();
    for (DeviceStats device : devices) {
      json.beginObject().name("name").value(device.name());
      counters(json, device.counters());
      if (!device.queues().isEmpty()) {
        json.name("queues").beginArray();
        for (DeviceStats.Queue queue : device.queues()) {
          queue(json, queue);
        }
        json.endArray();
      }
      if (device.problem() != null) {
        json.name("problem").value(device.problem());
      }
      json.endObject();
    }
    json.endArray();
  }

  private static void queue(JsonText json, DeviceStats.Queue queue) {
    json.beginObject();
    counters(json, queue.counters());
    LatencySummary latency = queue.latency();
    if (latency != null) {
      json.name("latencyNanos").beginObject();
      json.name("count").value(latency.count());
      json.name("p50").value(latency.p50Nanos());
      json.name("p90").value(latency.p90Nanos());
      json.name("p99").value(latency.p99Nanos());
      json.name("p99.9").value(latency.p999Nanos());
      json.name("max").value(latency.maxNanos());
      json.endObject();
    }
    json.endObject();
  }

  private static void counters(JsonText json, List<DeviceStats.Counter> counters) {
    json.name("counters").beginObject();
    for (DeviceStats.Counter counter : counters) {
      json.name(counter.name()).value(counter.value());
    }
    json.endObject();
  }
}
