package io.jvmm.vmm.cli.stats;

/**
 * Writes JSON on one line.
 *
 * <p>Threads: belongs to one thread.
 */
final class JsonText {
  private final StringBuilder text = new StringBuilder();
  private boolean afterValue;

  /** A member's name; its value follows. */
  JsonText name(String name) {
    separate();
    quote(name);
    text.append(':');
    afterValue = false;
    return this;
  }

  JsonText beginObject() {
    return open('{');
  }

  JsonText endObject() {
    return close('}');
  }

  JsonText beginArray() {
    return open('[');
  }

  JsonText endArray() {
    return close(']');
  }

  JsonText value(long number) {
    separate();
    text.append(number);
    return this;
  }

  JsonText value(String string) {
    separate();
    quote(string);
    return this;
  }

  /** A time in milliseconds, with three decimals. */
  JsonText millis(long nanos) {
    separate();
    text.append(StatsReport.millis(nanos, 3));
    return this;
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
