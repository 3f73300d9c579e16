package io.jvmm.vmm.cli;

import io.jvmm.host.file.OpenFile;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.MachineObserver;
import io.jvmm.vmm.cli.record.BootRecord;
import io.jvmm.vmm.cli.record.BootRecorder;
import io.jvmm.vmm.cli.record.Phase;
import io.jvmm.vmm.cli.stats.MemorySampler;
import io.jvmm.vmm.cli.stats.StatsReport;
import io.jvmm.vmm.cli.timeline.Timeline;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What {@code --stats} and {@code --timeline} need while a machine runs; loaded for them alone. */
final class Recording {
  private static final String JSON = "json";

  private final @Nullable String stats;
  private final @Nullable String timeline;
  private final MemorySampler sampler = new MemorySampler();
  private final BootRecorder recorder;

  private Recording(
      @Nullable String stats, @Nullable String timeline, long mainNanos, MachineObserver next) {
    this.stats = stats;
    this.timeline = timeline;
    this.recorder = new BootRecorder(mainNanos, new InitListener(sampler), next);
  }

  /**
   * Prepares what the settings ask for.
   *
   * @param next hears of what is no point of the boot
   * @throws io.jvmm.host.SyscallException where the picture's file cannot be written, which is
   *     better said before the guest runs
   */
  static Recording of(Settings settings, long mainNanos, MachineObserver next) {
    String stats = settings.get(CommandOption.STATS);
    String timeline = settings.get(CommandOption.TIMELINE);
    if (stats != null && !stats.isEmpty() && !stats.equals(JSON)) {
      throw new UsageException(
          settings.place(CommandOption.STATS) + ": '" + stats + "' is not a form; there is json");
    }
    if (timeline != null) {
      OpenFile.create(timeline).close();
    }
    return new Recording(stats, timeline, mainNanos, next);
  }

  MachineObserver observer() {
    return recorder;
  }

  /** The machine is built. */
  void begin(Machine machine) {
    if (stats != null) {
      sampler.start(machine.memoryRegions());
    }
  }

  /** The guest has ended; the machine is still there. */
  void end(Machine machine, PrintStream err) throws InterruptedException {
    recorder.reached(Phase.END, System.nanoTime());
    BootRecord boot = recorder.record();
    if (stats != null) {
      StatsReport report = StatsReport.of(machine, boot, sampler.finish());
      if (stats.equals(JSON)) {
        err.println(report.json());
      } else {
        err.print(report.text());
      }
    }
    if (timeline != null) {
      write(timeline, Timeline.svg(machine.config(), boot));
    }
  }

  /** A class, since a lambda costs time before the first guest instruction. */
  private record InitListener(MemorySampler sampler) implements Runnable {
    @Override
    public void run() {
      sampler.initRuns();
    }
  }

  private static void write(String file, String text) {
    try {
      Files.writeString(Path.of(file), text);
    } catch (IOException e) {
      throw new UsageException(
          CommandOption.TIMELINE.flag() + " " + file + ": cannot be written: " + e);
    }
  }
}
