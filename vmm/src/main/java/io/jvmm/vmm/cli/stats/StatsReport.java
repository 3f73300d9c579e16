package io.jvmm.vmm.cli.stats;

import io.jvmm.vmm.ExitCounts;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.cli.record.BootRecord;
import io.jvmm.vmm.cli.record.Phase;
import io.jvmm.vmm.cli.stats.MemorySampler.Sample;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that {@code --stats} tells.
 *
 * @param config of the machine
 * @param boot when what was reached
 * @param exits of each vCPU
 * @param devices the virtio devices' counters
 * @param memory of this process
 */
public record StatsReport(
    MachineConfig config,
    BootRecord boot,
    List<ExitCounts> exits,
    List<Device> devices,
    Sample memory) {
  /**
   * A device's counters.
   *
   * @param name of the device
   * @param counters in the device's order
   * @param problem what its driver last did wrong, if anything
   */
  public record Device(String name, List<Counter> counters, @Nullable String problem) {}

  /** One counter. */
  public record Counter(String name, long value) {}

  private static final String[] EXIT_COLUMNS = {
    "total", "port in", "port out", "mmio read", "mmio write", "kicked"
  };

  private static final int LABEL_WIDTH = 28;
  private static final int NUMBER_WIDTH = 11;

  /** Asks a machine whose guest has ended and that is not closed yet. */
  public static StatsReport of(Machine machine, BootRecord boot, Sample memory) {
    List<Device> devices = new ArrayList<>();
    Counter dropped = new Counter("output.dropped.bytes", machine.consoleDroppedBytes());
    devices.add(new Device("console", List.of(dropped), null));
    List<String> names = machine.deviceNames();
    for (int i = 0; i < names.size(); i++) {
      List<Counter> counters = new ArrayList<>();
      machine.reportDevice(i, (name, value) -> counters.add(new Counter(name, value)));
      devices.add(new Device(names.get(i), counters, machine.deviceProblem(i)));
    }
    return new StatsReport(machine.config(), boot, machine.exitCounts(), devices, memory);
  }

  /** For people. */
  public String text() {
    StringBuilder text = new StringBuilder(2048);
    text.append("jvmm: statistics of ").append(config.name()).append(": ");
    text.append(config.cpus()).append(config.cpus() == 1 ? " CPU, " : " CPUs, ");
    text.append(config.memoryBytes() >> 20).append(" MiB\n");
    appendBoot(text);
    appendExits(text);
    for (Device device : devices) {
      text.append("  ").append(device.name()).append('\n');
      for (Counter counter : device.counters()) {
        label(text, "    " + counter.name());
        number(text, grouped(counter.value())).append('\n');
      }
      if (device.problem() != null) {
        text.append("    its driver's mistake: ").append(device.problem()).append('\n');
      }
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
      json.name(phase.key()).millis(boot.nanos(phase));
    }
    json.endObject().name("exits").beginArray();
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
    json.endArray().name("devices").beginArray();
    for (Device device : devices) {
      json.beginObject().name("name").value(device.name()).name("counters").beginObject();
      for (Counter counter : device.counters()) {
        json.name(counter.name()).value(counter.value());
      }
      json.endObject();
      if (device.problem() != null) {
        json.name("problem").value(device.problem());
      }
      json.endObject();
    }
    json.endArray().name("memoryLessGuestKib").beginObject();
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
