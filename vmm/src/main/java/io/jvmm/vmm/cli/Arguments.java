package io.jvmm.vmm.cli;

import io.jvmm.vmm.cli.CommandOption.Value;

/** Reads the command line. Runs before the first guest instruction. */
final class Arguments {
  private Arguments() {}

  /**
   * Reads {@code --name value}, {@code --name=value} and {@code --name}.
   *
   * @throws UsageException for what is no option, lacks its value or is given twice
   */
  static Settings parse(String[] arguments) {
    Settings settings = new Settings();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      if (argument.equals("-h")) {
        argument = "--help";
      }
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      CommandOption option = option(equals < 0 ? argument : argument.substring(0, equals));
      if (equals >= 0) {
        if (option.value() == Value.NONE) {
          throw new UsageException(option.flag() + " takes no value");
        }
        settings.set(option, argument.substring(equals + 1), null);
      } else if (option.needsValue()) {
        i++;
        if (i == arguments.length || isOption(arguments[i])) {
          throw new UsageException(option.flag() + " needs a value: " + option.placeholder());
        }
        settings.set(option, arguments[i], null);
      } else {
        settings.set(option, "", null);
      }
    }
    return settings;
  }

  private static CommandOption option(String word) {
    CommandOption option = word.startsWith("--") ? CommandOption.of(word.substring(2)) : null;
    if (option == null) {
      throw new UsageException(Unknown.argument(word));
    }
    return option;
  }

  /**
   * A value that is an option's name was meant as that: its neighbour's value is missing. Other
   * words with dashes may be values, such as a kernel command line that ends in {@code -- args}.
   */
  private static boolean isOption(String word) {
    if (!word.startsWith("--")) {
      return false;
    }
    int equals = word.indexOf('=');
    return CommandOption.of(word.substring(2, equals < 0 ? word.length() : equals)) != null;
  }
}
