package io.jvmm.vmm.cli;

import io.jvmm.vmm.DiskConfig;
import io.jvmm.vmm.MachineConfigException;
import io.jvmm.vmm.RateLimit;
import org.jspecify.annotations.Nullable;

/**
 * A disk as people write it: {@code PATH[,OPTION]...}. Runs before the first guest instruction.
 *
 * <p>A path may have commas in it. So options are read from the end, as long as what is between two
 * commas looks like one: a word of small letters and dashes, perhaps with {@code =VALUE}. An empty
 * part ends them earlier, for a path that itself ends like an option: {@code disk,ro,} or {@code
 * disk,ro,,direct}.
 *
 * <p>Threads: belongs to one thread.
 */
final class DiskText {
  private final String text;
  private final String place;
  private DiskConfig disk;
  private String backing = "";
  private long iops;
  private long iopsBurst;
  private long bps;
  private long bpsBurst;

  private DiskText(String text, String place, DiskConfig disk) {
    this.text = text;
    this.place = place;
    this.disk = disk;
  }

  /**
   * The disk that a text describes.
   *
   * @param place names the option in errors
   * @throws UsageException where it cannot be read, or says something twice
   * @throws MachineConfigException for a value that is out of range
   */
  static DiskConfig parse(String text, String place) {
    int optionsAt = optionsAt(text);
    String source = source(text);
    if (source.isEmpty()) {
      throw new UsageException(place + ": no path in '" + text + "'");
    }
    return new DiskText(text, place, DiskConfig.of(source)).options(optionsAt);
  }

  /** The path alone. */
  static String source(String text) {
    int end = optionsAt(text);
    boolean isEnded = end > 0 && text.charAt(end - 1) == ','; // the empty part
    return text.substring(0, isEnded ? end - 1 : end);
  }

  /** The options alone, each with the comma before it. */
  static String options(String text) {
    return text.substring(optionsAt(text));
  }

  private static int optionsAt(String text) {
    int at = text.length();
    while (true) {
      int comma = text.lastIndexOf(',', at - 1);
      if (comma < 0 || !isOption(text, comma + 1, at)) {
        return at;
      }
      at = comma;
    }
  }

  /** Whether a part of a text looks like an option, known or not. */
  static boolean isOption(String text, int from, int to) {
    int at = from;
    while (at < to && (isSmallLetter(text.charAt(at)) || text.charAt(at) == '-')) {
      at++;
    }
    return at > from && (at == to || text.charAt(at) == '=');
  }

  private static boolean isSmallLetter(char c) {
    return c >= 'a' && c <= 'z';
  }

  private DiskConfig options(int from) {
    int seen = 0;
    int at = from;
    while (at < text.length()) {
      int comma = text.indexOf(',', at + 1);
      int end = comma < 0 ? text.length() : comma;
      int equals = text.indexOf('=', at);
      int nameEnd = equals < 0 || equals > end ? end : equals;
      String name = text.substring(at + 1, nameEnd);
      int bit = bit(name);
      if ((seen & bit) != 0) {
        throw wrong(name + " is given twice, or with its opposite");
      }
      seen |= bit;
      if (nameEnd == end) {
        flag(name);
      } else {
        value(name, text.substring(nameEnd + 1, end));
      }
      at = end;
    }
    return disk.withBacking(backing).withRate(rate());
  }

  private RateLimit rate() {
    if ((iops | iopsBurst | bps | bpsBurst) == 0) {
      return RateLimit.UNLIMITED;
    }
    try {
      return RateLimit.ofDisk(iops, iopsBurst, bps, bpsBurst);
    } catch (MachineConfigException e) {
      throw wrong(e.getMessage());
    }
  }

  /** One a setting, so that none is given twice. */
  private int bit(String name) {
    return switch (name) {
      case "ro", "rw" -> 1;
      case "format" -> 1 << 1;
      case "direct" -> 1 << 2;
      case "cache" -> 1 << 3;
      case "queues" -> 1 << 4;
      case "iops" -> 1 << 5;
      case "iops-burst" -> 1 << 6;
      case "bps" -> 1 << 7;
      case "bps-burst" -> 1 << 8;
      case "id" -> 1 << 9;
      case "backing" -> 1 << 10;
      case "aio" -> 1 << 11;
      default ->
          throw wrong(
              "unknown option '"
                  + name
                  + "' in '"
                  + text
                  + "' (if it is part of the path, add a comma)");
    };
  }

  private void flag(String name) {
    switch (name) {
      case "ro" -> disk = disk.withReadOnly(true);
      case "rw" -> {} // what it is where nothing is said
      case "direct" -> disk = disk.withDirect(true);
      default -> throw wrong(name + " needs a value: " + name + "=...");
    }
  }

  private void value(String name, String value) {
    switch (name) {
      case "format" -> disk = disk.withFormat(format(value));
      case "aio" -> disk = disk.withAio(aio(value));
      case "cache" -> disk = disk.withCache(cache(value));
      case "queues" -> disk = disk.withQueues(queues(value));
      case "iops" -> iops = count(name, value);
      case "iops-burst" -> iopsBurst = count(name, value);
      case "bps" -> bps = SizeText.parseBytes(value, place + ": bps");
      case "bps-burst" -> bpsBurst = SizeText.parseBytes(value, place + ": bps-burst");
      case "id" -> disk = disk.withId(value);
      case "backing" -> backing = value;
      default -> throw wrong(name + " takes no value");
    }
  }

  private DiskConfig.Format format(String value) {
    return switch (value) {
      case "raw" -> DiskConfig.Format.RAW;
      case "qcow2" -> DiskConfig.Format.QCOW2;
      default -> throw wrong("format: '" + value + "' is not raw or qcow2");
    };
  }

  private DiskConfig.Aio aio(String value) {
    return switch (value) {
      case "io_uring" -> DiskConfig.Aio.AUTO;
      case "threads" -> DiskConfig.Aio.THREADS;
      default -> throw wrong("aio: '" + value + "' is not io_uring or threads");
    };
  }

  private DiskConfig.Cache cache(String value) {
    return switch (value) {
      case "writeback" -> DiskConfig.Cache.WRITEBACK;
      case "writethrough" -> DiskConfig.Cache.WRITETHROUGH;
      default -> throw wrong("cache: '" + value + "' is not writeback or writethrough");
    };
  }

  private int queues(String value) {
    long count = count("queues", value);
    if (count < 1 || count > DiskConfig.QUEUES_MAX) {
      throw wrong("queues: " + value + " is not between 1 and " + DiskConfig.QUEUES_MAX);
    }
    return (int) count;
  }

  private long count(String name, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw wrong(name + ": '" + value + "' is not a number");
    }
  }

  private UsageException wrong(@Nullable String what) {
    return new UsageException(place + ": " + what);
  }
}
