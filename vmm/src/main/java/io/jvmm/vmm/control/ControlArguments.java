package io.jvmm.vmm.control;

import io.jvmm.vmm.control.ControlException.Kind;
import io.jvmm.vmm.json.JsonReader;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request's arguments. A command takes out what it knows and then asks for the {@link #end}, so
 * that a misspelt name is an error and not a default.
 *
 * <p>Threads: belongs to one thread.
 */
final class ControlArguments {
  /** More than any command takes. */
  private static final int COUNT_MAX = 16;

  /** Powers of 1024. */
  private static final String UNITS = "KMGT";

  /** By name: text, or a number as it was written. */
  private final Map<String, String> values = new LinkedHashMap<>();

  private ControlArguments() {}

  static ControlArguments none() {
    return new ControlArguments();
  }

  /** Reads the object that comes next. */
  static ControlArguments read(JsonReader json) {
    ControlArguments arguments = new ControlArguments();
    json.beginObject();
    while (json.hasNextMember()) {
      if (arguments.values.size() == COUNT_MAX) {
        throw json.error("more than " + COUNT_MAX + " arguments");
      }
      String name = json.name();
      String value =
          json.peek() == JsonReader.Kind.NUMBER
              ? json.number()
              : json.peek() == JsonReader.Kind.BOOLEAN
                  ? Boolean.toString(json.bool())
                  : json.string();
      if (arguments.values.put(name, value) != null) {
        throw json.error("the argument " + name + " is given twice");
      }
    }
    return arguments;
  }

  /** Takes a text. */
  String text(String name) {
    String value = values.remove(name);
    if (value == null) {
      throw new ControlException(Kind.BAD_ARGUMENT, "the argument " + name + " is missing");
    }
    return value;
  }

  /** Takes a whole number that is not negative; as a text it may end in K, M, G or T. */
  long number(String name) {
    Long value = optionalNumber(name);
    if (value == null) {
      throw new ControlException(Kind.BAD_ARGUMENT, "the argument " + name + " is missing");
    }
    return value;
  }

  /** The same, or null where there is none of that name. */
  @Nullable Long optionalNumber(String name) {
    String value = values.remove(name);
    if (value == null) {
      return null;
    }
    int unit = value.isEmpty() ? -1 : UNITS.indexOf(value.charAt(value.length() - 1));
    String digits = unit < 0 ? value : value.substring(0, value.length() - 1);
    try {
      long number = Math.multiplyExact(Long.parseLong(digits), 1L << (10 * (unit + 1)));
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // Told below.
    }
    throw new ControlException(
        Kind.BAD_ARGUMENT, "the argument " + name + ": '" + value + "' is not a whole number");
  }

  /** Makes sure that nothing is left that the command does not know. */
  void end(String command) {
    if (!values.isEmpty()) {
      String name = values.keySet().iterator().next();
      throw new ControlException(Kind.BAD_ARGUMENT, command + " takes no argument " + name);
    }
  }
}
