package io.jvmm.devices.serial;

import java.nio.charset.StandardCharsets;

/** Makes lines of the guest's output for a {@link ConsoleListener}. */
final class LineAssembler {
  /** Longer than a printk record (LOG_LINE_MAX, 1024 less a prefix); the rest of a line is cut. */
  static final int LINE_MAX = 1024;

  private final ConsoleListener listener;
  private final byte[] line = new byte[LINE_MAX];
  private int length;

  LineAssembler(ConsoleListener listener) {
    this.listener = listener;
  }

  void add(byte value) {
    if (value == '\n') {
      end();
    } else if (length < LINE_MAX && value != '\r') {
      line[length++] = value;
    }
  }

  /** Tells what is there of a last line that has no end. */
  void finish() {
    if (length > 0) {
      end();
    }
  }

  private void end() {
    String text = new String(line, 0, length, StandardCharsets.ISO_8859_1);
    length = 0;
    listener.line(text);
  }
}
