package io.jvmm.vmm.cli.timeline;

import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.cli.record.BootRecord;
import io.jvmm.vmm.cli.record.BootRecord.Mark;
import io.jvmm.vmm.cli.record.Phase;
import io.jvmm.vmm.cli.timeline.Row.Lane;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws a boot in two panels: what the host did before the first guest instruction, in detail, and
 * the whole boot, in which the first is a small part.
 */
public final class Timeline {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long SECONDS_FROM_MILLIS = 20_000;

  private Timeline() {}

  /** The picture, as SVG. */
  public static String svg(MachineConfig config, BootRecord boot) {
    List<Row> start = startRows(boot);
    List<Row> whole = wholeRows(boot);
    int height =
        Panel.TITLE_HEIGHT + Panel.height(start) + Panel.GAP + Panel.height(whole) + Panel.FOOT;
    SvgText svg = new SvgText(Panel.WIDTH, height, title(boot));
    svg.bar(0, 0, Panel.WIDTH, height, 8, "#ffffff");
    svg.words(
        Panel.LEFT, 38, "start", "#1f2933", "font-size=\"20\" font-weight=\"600\"", title(boot));
    svg.words(Panel.LEFT, 60, "start", "#616e7c", "", subtitle(config));
    double top = Panel.TITLE_HEIGHT;
    Panel.draw(
        svg, top, "From exec to the first guest instruction", start, start.getLast().toNanos());
    top += Panel.height(start) + Panel.GAP;
    Panel.draw(svg, top, "The whole life of the machine", whole, wholeEnd(boot, whole));
    Panel.legend(svg, height - 18);
    return svg.toString();
  }

  private static String title(BootRecord boot) {
    if (boot.has(Phase.INIT)) {
      return "jvmm: from exec to the guest's init in " + duration(boot.nanos(Phase.INIT));
    }
    return boot.has(Phase.FIRST_RUN)
        ? "jvmm: from exec to the guest in " + duration(boot.nanos(Phase.FIRST_RUN))
        : "jvmm: a machine that never ran";
  }

  private static String subtitle(MachineConfig config) {
    Path kernel = Path.of(config.kernel()).getFileName();
    return (kernel == null ? config.kernel() : kernel.toString())
        + ", "
        + config.cpus()
        + (config.cpus() == 1 ? " CPU, " : " CPUs, ")
        + (config.memoryBytes() >> 20)
        + " MiB"
        + (config.quiet() ? ", quiet" : "");
  }

  private static String duration(long nanos) {
    long millis = (nanos + NANOS_PER_MILLI / 2) / NANOS_PER_MILLI;
    return millis < SECONDS_FROM_MILLIS ? millis + " ms" : (millis + 500) / 1000 + " s";
  }

  /** A guest may live for days after its boot: no more than a third of the picture is its life. */
  static long wholeEnd(BootRecord boot, List<Row> rows) {
    long end = rows.getLast().toNanos();
    return boot.has(Phase.INIT) ? Math.min(end, boot.nanos(Phase.INIT) * 3 / 2) : end;
  }

  /** Each step up to the first guest instruction. */
  static List<Row> startRows(BootRecord boot) {
    List<Phase> phases = new ArrayList<>(boot.phases().keySet());
    phases.removeIf(phase -> phase.compareTo(Phase.FIRST_RUN) > 0 || phase == Phase.EXEC);
    phases.sort((a, b) -> Long.compare(boot.nanos(a), boot.nanos(b)));
    List<Row> rows = new ArrayList<>();
    long before = 0;
    for (Phase phase : phases) {
      Lane lane = phase == Phase.MAIN ? Lane.JVM : Lane.MONITOR;
      rows.add(new Row(lane, phase.label(), before, boot.nanos(phase)));
      before = boot.nanos(phase);
    }
    return rows;
  }

  /** The start in two rows, then the kernel from mark to mark, then user space. */
  static List<Row> wholeRows(BootRecord boot) {
    List<Row> rows = new ArrayList<>();
    long main = boot.nanos(Phase.MAIN);
    rows.add(new Row(Lane.JVM, Phase.MAIN.label(), 0, main));
    if (!boot.has(Phase.FIRST_RUN)) {
      return rows;
    }
    long before = boot.nanos(Phase.FIRST_RUN);
    rows.add(new Row(Lane.MONITOR, Phase.FIRST_RUN.label(), main, before));
    long end = boot.has(Phase.END) ? boot.nanos(Phase.END) : before;
    long init = boot.has(Phase.INIT) ? boot.nanos(Phase.INIT) : end;
    for (Mark mark : boot.messages()) {
      // What the kernel says while user space runs is no part of its boot.
      if (mark.nanos() <= init) {
        rows.add(new Row(Lane.KERNEL, mark.label(), before, Math.max(before, mark.nanos())));
        before = Math.max(before, mark.nanos());
      }
    }
    if (boot.has(Phase.INIT)) {
      rows.add(new Row(Lane.KERNEL, Phase.INIT.label(), before, Math.max(before, init)));
      before = Math.max(before, init);
    }
    if (boot.has(Phase.END)) {
      Lane lane = boot.has(Phase.INIT) ? Lane.USER : Lane.KERNEL;
      rows.add(new Row(lane, Phase.END.label(), before, Math.max(before, end)));
    }
    return rows;
  }
}
