package io.jvmm.vmm.cli.stats;

import io.jvmm.virtio.LatencySummary;
import io.jvmm.vmm.DeviceStats;
import io.jvmm.vmm.DeviceStats.Counter;
import io.jvmm.vmm.ExitCounts;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.cli.record.BootRecord;
import io.jvmm.vmm.cli.record.Phase;
import io.jvmm.vmm.cli.stats.MemorySampler.Sample;
import io.jvmm.vmm.json.JsonText;
import io.jvmm.vmm.stats.StatsJson;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that {@code --stats} tells.
 *
 * @param config of the machine
 * @param boot when what was reached
 * @param exits of each vCPU
 * @param devices what each device has counted
 * @param memory of this process
 */
public record StatsReport(
    MachineConfig config,
    BootRecord boot,
    List<ExitCounts> exits,
    List<DeviceStats> devices,
    Sample memory) {
  private static final String[] EXIT_COLUMNS = {
    "total", "port in", "port out", "mmio read", "mmio write", "kicked"
  };

  private static final List<String> LATENCY_COLUMNS =
      List.of("requests", "p50", "p90", "p99", "p99.9", "max");

  private static final int LABEL_WIDTH = 28;
  private static final int NUMBER_WIDTH = 11;

  /** Asks a machine that is not closed yet. */
  public static StatsReport of(Machine machine, BootRecord boot, Sample memory) {
    return new StatsReport(
        machine.config(), boot, machine.exitCounts(), machine.deviceStats(), memory);
  }

  /** For people. */
  public String text() {
    StringBuilder text = new StringBuilder(2048);
    text.append("jvmm: statistics of ").append(config.name()).append(": ");
    text.append(config.cpus()).append(config.cpus() == 1 ? " CPU, " : " CPUs, ");
    text.append(config.memoryBytes() >> 20).append(" MiB\n");
    appendBoot(text);
    appendExits(text);
    for (DeviceStats device : devices) {
      appendDevice(text, device);
    }
    MemoryUse use = memory.use();
    text.append("  memory less guest RAM, ").append(memoryMoment()).append(" (KiB)\n");
    label(text, "    resident (RSS)");
    number(text, grouped(use.rssKib())).append('\n');
    label(text, "    proportional (PSS)");
    number(text, grouped(use.pssKib())).append('\n');
    label(text, "    private dirty");
    number(text, grouped(use.privateDirtyKib())).append('\n');
    return text.toString();
  }

  private String memoryMoment() {
    return memory.whileInitRuns() ? "as the guest's init began" : "after the guest's end";
  }

  private void appendBoot(StringBuilder text) {
    label(text, "  boot (ms)");
    number(text, "at");
    number(text, "took").append('\n');
    long before = 0;
    for (Phase phase : reached()) {
      label(text, "    " + phase.label());
      number(text, millis(boot.nanos(phase), 1));
      if (phase == Phase.EXEC) {
        text.append("   (").append(boot.execSource().label()).append(')');
      } else {
        number(text, millis(boot.nanos(phase) - before, 1));
      }
      text.append('\n');
      before = boot.nanos(phase);
    }
  }

  /** The phases in the order of time, which the machine's builder decides. */
  private List<Phase> reached() {
    List<Phase> phases = new ArrayList<>(boot.phases().keySet());
    phases.sort((a, b) -> Long.compare(boot.nanos(a), boot.nanos(b)));
    return phases;
  }

  private void appendExits(StringBuilder text) {
    label(text, "  exits to jvmm");
    for (String column : EXIT_COLUMNS) {
      number(text, column);
    }
    text.append('\n');
    for (int i = 0; i < exits.size(); i++) {
      label(text, "    vCPU " + i);
      for (long value : values(exits.get(i))) {
        number(text, grouped(value));
      }
      text.append('\n');
    }
  }

  private static void appendDevice(StringBuilder text, DeviceStats device) {
    text.append("  ").append(device.name()).append('\n');
    for (Counter counter : device.counters()) {
      label(text, "    " + counter.name());
      number(text, grouped(counter.value())).append('\n');
    }
    List<String> columns = List.of();
    for (int i = 0; i < device.queues().size(); i++) {
      List<Counter> counters = device.queues().get(i).counters();
      List<String> names = counters.stream().map(Counter::name).toList();
      if (!names.equals(columns)) {
        appendRow(text, "    queue", names);
        columns = names;
      }
      appendRow(text, "      " + i, counters.stream().map(c -> grouped(c.value())).toList());
    }
    appendLatencies(text, device.queues());
    if (device.problem() != null) {
      text.append("    its driver's mistake: ").append(device.problem()).append('\n');
    }
  }

  private static void appendLatencies(StringBuilder text, List<DeviceStats.Queue> queues) {
    boolean isFirst = true;
    for (int i = 0; i < queues.size(); i++) {
      LatencySummary latency = queues.get(i).latency();
      if (latency == null) {
        continue;
      }
      if (isFirst) {
        appendRow(text, "    latency (µs), queue", LATENCY_COLUMNS);
        isFirst = false;
      }
      appendRow(
          text,
          "      " + i,
          List.of(
              grouped(latency.count()),
              micros(latency.p50Nanos()),
              micros(latency.p90Nanos()),
              micros(latency.p99Nanos()),
              micros(latency.p999Nanos()),
              micros(latency.maxNanos())));
    }
  }

  private static void appendRow(StringBuilder text, String label, List<String> values) {
    label(text, label);
    for (String value : values) {
      number(text, value);
    }
    text.append('\n');
  }

  private static long[] values(ExitCounts counts) {
    return new long[] {
      counts.total(),
      counts.portReads(),
      counts.portWrites(),
      counts.mmioReads(),
      counts.mmioWrites(),
      counts.interrupted()
    };
  }

  /** For programs: one line. */
  public String json() {
    JsonText json = new JsonText().beginObject();
    json.name("name").value(config.name());
    json.name("cpus").value(config.cpus());
    json.name("memoryBytes").value(config.memoryBytes());
    json.name("execSource").value(boot.execSource().key());
    json.name("bootMillis").beginObject();
    for (Phase phase : reached()) {
      json.name(phase.key()).number(millis(boot.nanos(phase), 3));
    }
    json.endObject();
    StatsJson.exits(json.name("exits"), exits);
    StatsJson.devices(json.name("devices"), devices);
    json.name("memoryLessGuestKib").beginObject();
    json.name("when").value(memory.whileInitRuns() ? "init" : "end");
    json.name("rss").value(memory.use().rssKib());
    json.name("pss").value(memory.use().pssKib());
    json.name("privateDirty").value(memory.use().privateDirtyKib());
    return json.endObject().endObject().toString();
  }

  private static void label(StringBuilder text, String label) {
    text.append(label).repeat(' ', Math.max(1, LABEL_WIDTH + 2 - label.length()));
  }

  private static StringBuilder number(StringBuilder text, String number) {
    return text.repeat(' ', Math.max(1, NUMBER_WIDTH - number.length())).append(number);
  }

  /** {@code 1,234,567}. */
  static String grouped(long value) {
    StringBuilder digits = new StringBuilder(Long.toString(value));
    int first = value < 0 ? 1 : 0;
    for (int at = digits.length() - 3; at > first; at -= 3) {
      digits.insert(at, ',');
    }
    return digits.toString();
  }

  /** Microseconds with one decimal, rounded: {@code 1,500.0}. */
  private static String micros(long nanos) {
    long tenths = (nanos + 50) / 100;
    return grouped(tenths / 10) + "." + tenths % 10;
  }

  /**
   * Milliseconds, rounded.
   *
   * @param decimals 1 to 6
   */
  static String millis(long nanos, int decimals) {
    long unit = 1_000_000;
    long scale = 1;
    for (int i = 0; i < decimals; i++) {
      unit /= 10;
      scale *= 10;
    }
    long rounded = Math.floorDiv(nanos + unit / 2, unit);
    long whole = Math.abs(rounded);
    String fraction = Long.toString(whole % scale);
    return (rounded < 0 ? "-" : "")
        + whole / scale
        + "."
        + "0".repeat(decimals - fraction.length())
        + fraction;
  }
}
