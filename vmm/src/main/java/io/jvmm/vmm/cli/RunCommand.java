package io.jvmm.vmm.cli;

import io.jvmm.vmm.Machine;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.MachineEnd;
import io.jvmm.vmm.MachineObserver;
import io.jvmm.vmm.control.ControlServer;
import io.jvmm.vmm.jfr.FlightFile;
import java.io.PrintStream;

/** Boots a machine and waits for its end. */
final class RunCommand {
  private RunCommand() {}

  /**
   * Runs the machine that the settings describe.
   *
   * @param mainNanos {@link System#nanoTime} when Java code began
   * @return the exit status
   */
  static int run(Settings settings, PrintStream err, long mainNanos) throws InterruptedException {
    MachineConfig config = MachineSettings.config(settings);
    ConsoleWatch watch = new ConsoleWatch(err);
    Recording recording = isRecorded(settings) ? Recording.of(settings, mainNanos, watch) : null;
    MachineObserver observer = recording == null ? watch : recording.observer();
    ConsoleEnds ends = ConsoleEnds.open(settings.get(CommandOption.CONSOLE, "stdio"), config);
    MachineEnd end;
    boolean hasDriver;
    try (FlightFile flight = FlightOption.file(settings); // closed after the machine's last events
        Machine machine =
            Machine.builder(config)
                .observer(observer)
                .console(ends.console())
                .recordLatencies(isObserved(settings))
                .flightRecorder(flight != null)
                .build();
        ControlServer control = ControlOption.listen(settings, machine)) {
      if (recording != null) {
        recording.begin(machine);
      }
      machine.start();
      if (flight != null) {
        flight.start();
      }
      if (control != null) {
        control.start();
      }
      // From here on the guest boots beside what follows.
      end = await(machine, ends, err);
      hasDriver = machine.hasDriver();
      if (recording != null) {
        recording.end(machine, err);
      }
      if (flight != null) {
        flight.awaitStart();
      }
    }
    return tell(end, hasDriver, err);
  }

  private static boolean isRecorded(Settings settings) {
    return settings.has(CommandOption.STATS) || settings.has(CommandOption.TIMELINE);
  }

  /** Whether somebody may want to know how long requests take. */
  private static boolean isObserved(Settings settings) {
    return settings.has(CommandOption.STATS) || settings.has(CommandOption.CONTROL);
  }

  private static MachineEnd await(Machine machine, ConsoleEnds ends, PrintStream err)
      throws InterruptedException {
    ProcessEnd processEnd = ProcessEnd.prepare(machine, err);
    try {
      if (ends.isTerminal()) {
        processEnd.makeTerminalRaw();
      }
      return machine.await();
    } finally {
      processEnd.restoreTerminal();
    }
  }

  private static int tell(MachineEnd end, boolean hasDriver, PrintStream err) {
    switch (end.cause()) {
      case POWERED_OFF, REBOOTED, STOPPED -> {} // as it was wanted
      case PANICKED -> {
        err.println("jvmm: the guest's kernel panicked");
        if (!hasDriver) {
          err.println(
              "jvmm: it had a driver for none of its virtio devices: it may lack virtio_blk and the"
                  + " like, or support for PCI (try --transport mmio) or ACPI");
        }
      }
      case CRASHED -> err.println("jvmm: the guest crashed: " + end.detail());
      case FAILED -> {
        err.println("jvmm: the machine failed: " + end.detail());
        err.println(
            "jvmm: 'jvmm doctor' tells whether this host's KVM can run an operating system");
      }
    }
    Failure.trace(end.bug(), err);
    return ExitStatus.of(end.cause());
  }
}
