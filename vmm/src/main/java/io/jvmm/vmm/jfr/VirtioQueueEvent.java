package io.jvmm.vmm.jfr;

import io.jvmm.virtio.LatencySummary;
import io.jvmm.vmm.DeviceStats;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** What a virtqueue has counted since its machine was built; each second, and at the end. */
@Name("io.jvmm.VirtioQueue")
@Label("Virtqueue")
@Description("What a virtqueue has counted since its machine was built")
@Category("jvmm")
@Period("1 s")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class VirtioQueueEvent extends Event {
  @Label("Machine")
  private final String machine;

  @Label("Device")
  private final String device;

  @Label("Queue")
  private final int queue;

  @Label("Requests")
  private final long requests;

  @Label("Data Moved")
  @DataAmount
  private final long bytes;

  @Label("Errors")
  private final long errors;

  @Label("Doorbells")
  private final long doorbells;

  @Label("Interrupts Sent")
  private final long interrupts;

  @Label("Interrupts Suppressed")
  private final long suppressed;

  @Label("Median Latency")
  @Timespan
  private final long p50;

  @Label("90th Percentile Latency")
  @Timespan
  private final long p90;

  @Label("99th Percentile Latency")
  @Timespan
  private final long p99;

  @Label("99.9th Percentile Latency")
  @Timespan
  private final long p999;

  @Label("Longest Latency")
  @Timespan
  private final long max;

  VirtioQueueEvent(String machine, String device, int index, DeviceStats.Queue stats) {
    this.machine = machine;
    this.device = device;
    queue = index;
    requests = stats.count("requests");
    bytes = stats.count("bytes");
    errors = stats.count("errors");
    doorbells = stats.count("doorbells");
    interrupts = stats.count("interrupts");
    suppressed = stats.count("suppressed");
    LatencySummary latency = stats.latency();
    if (latency == null) {
      latency = LatencySummary.NONE;
    }
    p50 = latency.p50Nanos();
    p90 = latency.p90Nanos();
    p99 = latency.p99Nanos();
    p999 = latency.p999Nanos();
    max = latency.maxNanos();
  }
}
