package io.jvmm.vmm.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for, as text, and where: on the command line or in a configuration file.
 *
 * <p>Threads: belongs to one thread.
 */
final class Settings {
  private final EnumMap<CommandOption, String> values = new EnumMap<>(CommandOption.class);

  /** Where an option was given, for those from a configuration file. */
  private final EnumMap<CommandOption, String> places = new EnumMap<>(CommandOption.class);

  /** The values of options that may be repeated. */
  private final EnumMap<CommandOption, List<String>> lists = new EnumMap<>(CommandOption.class);

  /** Whether the option was given. */
  boolean has(CommandOption option) {
    return values.containsKey(option);
  }

  /** The option's value, or null where it was not given; empty for one without a value. */
  @Nullable String get(CommandOption option) {
    return values.get(option);
  }

  /** The option's value, or another one where it was not given. */
  String get(CommandOption option, String otherwise) {
    String value = values.get(option);
    return value == null ? otherwise : value;
  }

  /** The values of {@code --disk}, in their order. */
  List<String> disks() {
    return list(CommandOption.DISK);
  }

  /** The values of an option that may be repeated, in their order. */
  List<String> list(CommandOption option) {
    List<String> list = lists.get(option);
    return list == null ? List.of() : list;
  }

  /**
   * How to name an option in an error: {@code --mem}, or {@code vm.json:3:10: mem}.
   *
   * @param option one that was given
   */
  String place(CommandOption option) {
    String place = places.get(option);
    return place == null ? option.flag() : place;
  }

  /**
   * Sets an option.
   *
   * @param place null for the command line
   * @throws UsageException where it was set before and may not be repeated
   */
  void set(CommandOption option, String value, @Nullable String place) {
    if (option.value() == CommandOption.Value.REPEATED) {
      List<String> list = lists.get(option);
      if (list == null) {
        list = new ArrayList<>();
        lists.put(option, list);
      }
      list.add(value);
    } else if (values.containsKey(option)) {
      throw new UsageException(option.flag() + " is given twice");
    }
    put(option, value, place);
  }

  private void put(CommandOption option, @Nullable String value, @Nullable String place) {
    if (value != null) {
      values.put(option, value);
    }
    if (place != null) {
      places.put(option, place);
    }
  }

  /** Takes from a configuration file what the command line has not said. */
  void addMissing(Settings file) {
    for (CommandOption option : CommandOption.values()) {
      if (has(option) || isReplaced(option)) {
        continue;
      }
      put(option, file.values.get(option), file.places.get(option));
      List<String> list = file.lists.get(option);
      if (list != null) {
        lists.put(option, list);
      }
    }
  }

  /** The two kernel command lines exclude each other, so one on the command line replaces both. */
  private boolean isReplaced(CommandOption option) {
    return switch (option) {
      case CMDLINE -> has(CommandOption.CMDLINE_ONLY);
      case CMDLINE_ONLY -> has(CommandOption.CMDLINE);
      default -> false;
    };
  }
}
