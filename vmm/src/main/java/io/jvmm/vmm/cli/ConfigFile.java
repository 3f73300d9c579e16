package io.jvmm.vmm.cli;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.file.OpenFile;
import io.jvmm.vmm.json.JsonReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;

/** Options from a JSON file: the same names, the same values. */
final class ConfigFile {
  private ConfigFile() {}

  /**
   * Reads it.
   *
   * @throws io.jvmm.vmm.json.JsonException with line and column where it is no JSON
   * @throws UsageException with line and column where it holds something else than options
   * @throws SyscallException where it cannot be read
   */
  static Settings read(String path) {
    return parse(path, bytes(path));
  }

  private static byte[] bytes(String path) {
    try (OpenFile file = OpenFile.forReading(path);
        Arena arena = Arena.ofConfined()) {
      if (!file.isRegular()) {
        throw new UsageException("--config " + path + ": is not a regular file");
      }
      long length = file.length();
      if (length > JsonReader.BYTES_MAX) {
        throw new UsageException(path + ": larger than " + JsonReader.BYTES_MAX + " bytes");
      }
      MemorySegment bytes = arena.allocate(Math.max(length, 1));
      file.readFully(bytes.address(), length, 0); // the arena lives until the call is over
      return bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    } catch (SyscallException e) {
      if (e.is(Errno.ENOENT)) {
        throw new UsageException("--config " + path + ": no such file");
      }
      throw e;
    }
  }

  /** Takes the settings from JSON. */
  static Settings parse(String path, byte[] bytes) {
    JsonReader json = JsonReader.of(path, bytes);
    Settings settings = new Settings();
    EnumSet<CommandOption> seen = EnumSet.noneOf(CommandOption.class);
    json.beginObject();
    while (json.hasNextMember()) {
      String keyPlace = json.place();
      String key = json.name();
      CommandOption option = CommandOption.of(key);
      if (option == null || !option.isInConfigFiles()) {
        throw new UsageException(keyPlace + ": " + Unknown.key(key));
      }
      if (!seen.add(option)) {
        throw new UsageException(keyPlace + ": " + key + " is given twice");
      }
      value(json, settings, option, keyPlace + ": " + key);
    }
    json.end();
    return settings;
  }

  private static void value(
      JsonReader json, Settings settings, CommandOption option, String place) {
    switch (option) {
      case DISK -> {
        json.beginArray();
        while (json.hasNextElement()) {
          settings.set(option, DiskObject.read(json), place);
        }
      }
      case NET, PMEM, PORT, SHARE -> {
        json.beginArray();
        while (json.hasNextElement()) {
          settings.set(option, json.string(), place);
        }
      }
      case ROOTFS -> settings.set(option, DiskObject.read(json), place);
      case QUIET, RNG -> {
        if (json.bool()) {
          settings.set(option, "", place);
        }
      }
      case BALLOON, STATS -> {
        if (json.peek() == JsonReader.Kind.STRING) {
          settings.set(option, json.string(), place);
        } else if (json.bool()) {
          settings.set(option, "", place);
        }
      }
      case CPUS, MEM -> {
        boolean isNumber = json.peek() == JsonReader.Kind.NUMBER;
        settings.set(option, isNumber ? json.number() : json.string(), place);
      }
      default -> settings.set(option, json.string(), place);
    }
  }
}
