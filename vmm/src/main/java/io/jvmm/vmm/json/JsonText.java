package io.jvmm.vmm.json;

/**
 * Writes JSON on one line.
 *
 * <p>Threads: belongs to one thread.
 */
public final class JsonText {
  private final StringBuilder text = new StringBuilder();
  private boolean afterValue;

  /** Nothing yet. */
  public JsonText() {}

  /** A member's name; its value follows. */
  public JsonText name(String name) {
    separate();
    quote(name);
    text.append(':');
    afterValue = false;
    return this;
  }

  /** Opens an object: members follow, each with its {@link #name}. */
  public JsonText beginObject() {
    return open('{');
  }

  /** Closes it. */
  public JsonText endObject() {
    return close('}');
  }

  /** Opens a list. */
  public JsonText beginArray() {
    return open('[');
  }

  /** Closes it. */
  public JsonText endArray() {
    return close(']');
  }

  /** A whole number. */
  public JsonText value(long number) {
    separate();
    text.append(number);
    return this;
  }

  /** A string. */
  public JsonText value(String string) {
    separate();
    quote(string);
    return this;
  }

  /** True or false. */
  public JsonText value(boolean bool) {
    return number(bool ? "true" : "false");
  }

  /** A number as it is to be written, or another word of the grammar. */
  public JsonText number(String written) {
    separate();
    text.append(written);
    return this;
  }

  /** A value that is JSON already. */
  public JsonText json(JsonText value) {
    return number(value.toString());
  }

  private JsonText open(char bracket) {
    separate();
    text.append(bracket);
    afterValue = false;
    return this;
  }

  private JsonText close(char bracket) {
    text.append(bracket);
    afterValue = true;
    return this;
  }

  private void separate() {
    if (afterValue) {
      text.append(',');
    }
    afterValue = true;
  }

  private void quote(String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append("\\u00")
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 0xF, 16));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
