package io.jvmm.vmm.control;

import io.jvmm.vmm.control.ControlException.Kind;
import io.jvmm.vmm.json.JsonException;
import io.jvmm.vmm.json.JsonReader;
import io.jvmm.vmm.json.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * One request: {@code {"execute": "disk-resize", "arguments": {"disk": "data"}, "id": 7}}. What is
 * after {@code execute} may be left out.
 *
 * @param command its name; may be no command at all
 * @param id what the answer repeats, as JSON, or null
 */
record ControlRequest(String command, ControlArguments arguments, @Nullable String id) {
  private static final String PLACE = "request";

  /**
   * Reads a line.
   *
   * @throws ControlException where it is no request
   */
  static ControlRequest parse(byte[] line) {
    try {
      JsonReader json = JsonReader.of(PLACE, line);
      ControlRequest request = read(json);
      json.end();
      return request;
    } catch (JsonException e) {
      throw new ControlException(Kind.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  private static ControlRequest read(JsonReader json) {
    String command = null;
    ControlArguments arguments = null;
    String id = null;
    json.beginObject();
    while (json.hasNextMember()) {
      String place = json.place();
      String name = json.name();
      boolean isRepeated =
          switch (name) {
            case "execute" -> command != null;
            case "arguments" -> arguments != null;
            case "id" -> id != null;
            default ->
                throw new ControlException(
                    Kind.BAD_REQUEST, place + ": there is no member \"" + name + "\"");
          };
      if (isRepeated) {
        throw new ControlException(Kind.BAD_REQUEST, place + ": " + name + " is given twice");
      }
      switch (name) {
        case "execute" -> command = json.string();
        case "arguments" -> arguments = ControlArguments.read(json);
        default -> id = id(json);
      }
    }
    if (command == null) {
      throw new ControlException(Kind.BAD_REQUEST, PLACE + ": no \"execute\" with a command");
    }
    return new ControlRequest(command, arguments == null ? ControlArguments.none() : arguments, id);
  }

  /** A number or a text, so that nobody takes it for a part of the answer. */
  private static String id(JsonReader json) {
    return json.peek() == JsonReader.Kind.NUMBER
        ? json.number()
        : new JsonText().value(json.string()).toString();
  }
}
