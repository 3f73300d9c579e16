package io.jvmm.vmm.cli.record;

import org.jspecify.annotations.Nullable;

/**
 * A line of the guest's kernel that marks a point of its boot.
 *
 * @param label what has been reached
 * @param stampNanos the kernel's own time of it
 */
record KernelMessage(String label, long stampNanos) {
  private static final String[][] KNOWN = {
    {"Linux version", "kernel's first words"},
    {"Memory: ", "memory counted"},
    {"smp: Brought up", "CPUs brought up"},
    {"clocksource: Switched to", "clock chosen"},
    {"Serial: 8250", "serial driver"},
    {"virtio_blk", "disk found"},
    {"VFS: Mounted root", "root file system mounted"},
    {"Run /", "init is executed"},
  };

  private static final int NO_STAMP = -1;

  /** The longest stamp: {@code [12345.123456] }. */
  private static final int STAMP_LENGTH_MAX = 24;

  /** The message of a console line, or null where the line marks nothing. */
  static @Nullable KernelMessage of(String line) {
    long stamp = stampNanos(line);
    if (stamp == NO_STAMP) {
      return null;
    }
    String text = line.substring(line.indexOf(']') + 1).trim();
    for (String[] known : KNOWN) {
      if (text.startsWith(known[0])) {
        return new KernelMessage(known[1], stamp);
      }
    }
    return null;
  }

  /** The time in front of a line, {@code [ 0.123456]}, or {@value #NO_STAMP}. */
  static long stampNanos(String line) {
    int end = line.indexOf(']');
    if (end < 3 || end > STAMP_LENGTH_MAX || line.charAt(0) != '[') {
      return NO_STAMP;
    }
    long micros = 0;
    int decimals = NO_STAMP;
    for (int i = 1; i < end; i++) {
      char c = line.charAt(i);
      if (c >= '0' && c <= '9') {
        micros = micros * 10 + (c - '0');
        decimals += decimals == NO_STAMP ? 0 : 1;
      } else if (c == '.' && decimals == NO_STAMP) {
        decimals = 0;
      } else if (c != ' ' || micros != 0) {
        return NO_STAMP;
      }
    }
    return decimals == 6 ? micros * 1000 : NO_STAMP;
  }
}
