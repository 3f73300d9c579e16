package io.jvmm.vmm.cli;

import org.jspecify.annotations.Nullable;

/**
 * Every option of {@code jvmm}. The names are the keys of a configuration file too, but for {@link
 * #CONFIG}, {@link #HELP} and {@link #VERSION}. What they mean is told by {@link Help}.
 */
enum CommandOption {
  KERNEL("kernel", "FILE", Value.REQUIRED),
  INITRD("initrd", "FILE", Value.REQUIRED),
  ROOTFS("rootfs", "DISK[,OPTION]...", Value.REQUIRED),
  DISK("disk", "DISK[,OPTION]...", Value.REPEATED),
  CMDLINE("cmdline", "TEXT", Value.REQUIRED),
  CMDLINE_ONLY("cmdline-only", "TEXT", Value.REQUIRED),
  CPUS("cpus", "N", Value.REQUIRED),
  MEM("mem", "SIZE", Value.REQUIRED),
  CONSOLE("console", "stdio|none|FILE", Value.REQUIRED),
  NET("net", "tap=NAME|user|unix=PATH[,OPTION=VALUE]...", Value.REPEATED),
  PMEM("pmem", "IMAGE[,ro]", Value.REPEATED),
  PORT("port", "NAME,unix=PATH|NAME,file=PATH|NAME,fd=N", Value.REPEATED),
  SHARE("share", "DIR:TAG[,OPTION]...", Value.REPEATED),
  VSOCK("vsock", "cid=N,uds=PATH[,port=N:fd=M]...", Value.REQUIRED),
  BALLOON("balloon", "[=SIZE]", Value.OPTIONAL),
  RNG("rng", "", Value.NONE),
  TRANSPORT("transport", "auto|pci|mmio", Value.REQUIRED),
  ENTRY("entry", "auto|linux|pvh", Value.REQUIRED),
  QUIET("quiet", "", Value.NONE),
  NAME("name", "NAME", Value.REQUIRED),
  CONFIG("config", "FILE", Value.REQUIRED),
  STATS("stats", "[=json]", Value.OPTIONAL),
  TIMELINE("timeline", "FILE.svg", Value.REQUIRED),
  JFR("jfr", "FILE.jfr", Value.REQUIRED),
  CONTROL("control", "PATH", Value.REQUIRED),
  HELP("help", "", Value.NONE),
  VERSION("version", "", Value.NONE);

  /** Whether an option takes a value. */
  enum Value {
    /** It takes none. */
    NONE,
    /** One may follow after {@code =} alone. */
    OPTIONAL,
    /** One follows, after {@code =} or as the next argument. */
    REQUIRED,
    /** As {@link #REQUIRED}, and the option may be given several times. */
    REPEATED
  }

  private static final CommandOption[] ALL = values();

  private final String key;
  private final String placeholder;
  private final Value value;

  CommandOption(String key, String placeholder, Value value) {
    this.key = key;
    this.placeholder = placeholder;
    this.value = value;
  }

  /** The name without dashes. */
  String key() {
    return key;
  }

  /** The name as it is typed. */
  String flag() {
    return "--" + key;
  }

  /** What stands for its value in texts. */
  String placeholder() {
    return placeholder;
  }

  /** Whether it takes a value. */
  Value value() {
    return value;
  }

  /** Whether it needs one. */
  boolean needsValue() {
    return value == Value.REQUIRED || value == Value.REPEATED;
  }

  /** Whether a configuration file may have it. */
  boolean isInConfigFiles() {
    return this != CONFIG && this != HELP && this != VERSION;
  }

  /** The option of this name, or null. */
  static @Nullable CommandOption of(String key) {
    for (CommandOption option : ALL) {
      if (option.key.equals(key)) {
        return option;
      }
    }
    return null;
  }
}
