package io.jvmm.vmm.cli.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When the command was executed.
 *
 * @param nanos on the scale of {@link System#nanoTime}
 * @param source who says so
 */
public record ExecTime(long nanos, Source source) {
  /** Who knows when the command was executed. */
  public enum Source {
    /** {@code bin/jvmm} looked at the clock and passed it on. */
    LAUNCHER("launcher", "bin/jvmm's clock"),
    /** The kernel knows when the process was made, in ticks. */
    PROCESS("process", "the process's start, to 10 ms"),
    /** Nobody: Java code's start stands for it. */
    UNKNOWN("unknown", "unknown; counted from Java's start");

    private final String key;
    private final String label;

    Source(String key, String label) {
      this.key = key;
      this.label = label;
    }

    /** Its name in JSON. */
    public String key() {
      return key;
    }

    /** Its name for people. */
    public String label() {
      return label;
    }
  }

  /** The launcher sets it to CLOCK_REALTIME in nanoseconds. */
  static final String PROPERTY = "jvmm.exec.nanos";

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** One tick of /proc/self/stat: USER_HZ is 100 on x86. */
  private static final long NANOS_PER_TICK = NANOS_PER_SECOND / 100;

  /** No command takes longer to reach Java code; more means that the clock was set meanwhile. */
  private static final long AGE_MAX = 600 * NANOS_PER_SECOND;

  /** Finds it out, from the best source there is. */
  public static ExecTime find(long mainNanos) {
    String launcher = System.getProperty(PROPERTY);
    if (launcher != null) {
      Instant now = Instant.now();
      long nanos = fromClock(launcher, now.getEpochSecond() * NANOS_PER_SECOND + now.getNano());
      if (isPlausible(nanos, mainNanos)) {
        return new ExecTime(nanos, Source.LAUNCHER);
      }
    }
    long age = age(read("/proc/self/stat"), read("/proc/uptime"));
    long nanos = System.nanoTime() - age;
    return age >= 0 && isPlausible(nanos, mainNanos)
        ? new ExecTime(nanos, Source.PROCESS)
        : new ExecTime(mainNanos, Source.UNKNOWN);
  }

  private static long fromClock(String launcher, long nowEpochNanos) {
    try {
      return System.nanoTime() - (nowEpochNanos - Long.parseLong(launcher));
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private static boolean isPlausible(long nanos, long mainNanos) {
    return nanos <= mainNanos && mainNanos - nanos <= AGE_MAX;
  }

  /**
   * How old a process is, in nanoseconds.
   *
   * @param stat of it: the 22nd field is when it was made, in ticks after the host's boot
   * @param uptime of the host: seconds, with two decimals
   * @return -1 where either text is not as expected
   */
  static long age(@Nullable String stat, @Nullable String uptime) {
    if (stat == null || uptime == null) {
      return -1;
    }
    // The second field is the name, in parentheses, and may hold anything.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ", -1);
    int space = uptime.indexOf(' ');
    try {
      long ticks = Long.parseLong(fields[19]); // the third field is the first here
      double seconds = Double.parseDouble(uptime.substring(0, space));
      return Math.max(0, Math.round(seconds * NANOS_PER_SECOND) - ticks * NANOS_PER_TICK);
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      return -1;
    }
  }

  private static @Nullable String read(String path) {
    try {
      return Files.readString(Path.of(path));
    } catch (IOException e) {
      return null;
    }
  }
}
