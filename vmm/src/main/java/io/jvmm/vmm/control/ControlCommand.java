package io.jvmm.vmm.control;

import org.jspecify.annotations.Nullable;

/** Everything that a machine can be asked for. What is done is in {@link MachineControl}. */
enum ControlCommand {
  HELP("help", "", "what can be asked for"),
  STATUS("status", "", "the machine's name, state and size"),
  STATS("stats", "", "exits of each vCPU; counters and latencies of each device and queue"),
  STOP("stop", "", "presses the power button; the guest shuts down if it listens"),
  KILL("kill", "", "ends the guest now, as if its power had been cut"),
  PAUSE("pause", "", "stops all vCPUs; answers when they stand still"),
  RESUME("resume", "", "goes on after a pause"),
  DISK_RESIZE("disk-resize", "disk=ID", "tells the guest of an image's or device's new size"),
  DISK_LIMIT(
      "disk-limit",
      "disk=ID [iops=N] [iops-burst=N] [bps=N] [bps-burst=N]",
      "holds the guest to these, and to no others"),
  BALLOON("balloon", "[bytes=N]", "asks the guest to give up so much of its memory; tells how far"),
  LINK("link", "net=ID state=up|down", "plugs a network device's cable in, or pulls it"),
  BALLOON_STATISTICS("balloon-statistics", "", "what the guest says of its memory");

  private final String word;
  private final String arguments;
  private final String meaning;

  ControlCommand(String word, String arguments, String meaning) {
    this.word = word;
    this.arguments = arguments;
    this.meaning = meaning;
  }

  /** Its name on the wire. */
  String word() {
    return word;
  }

  /** What it takes, for people. */
  String arguments() {
    return arguments;
  }

  /** What it does, for people. */
  String meaning() {
    return meaning;
  }

  /** The command of this name, or null. */
  static @Nullable ControlCommand of(String word) {
    for (ControlCommand command : values()) {
      if (command.word.equals(word)) {
        return command;
      }
    }
    return null;
  }
}
