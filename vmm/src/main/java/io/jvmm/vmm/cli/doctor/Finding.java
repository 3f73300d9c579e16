package io.jvmm.vmm.cli.doctor;

/**
 * What one check found out.
 *
 * @param level how bad it is
 * @param subject one word
 * @param text what is so
 * @param advice what to do about it, empty where nothing needs to be done
 */
record Finding(Level level, String subject, String text, String advice) {
  /** How bad it is. */
  enum Level {
    /** As it should be. */
    OK,
    /** Linux boots, but something else is missing or slow. */
    WARN,
    /** jvmm cannot boot Linux here. */
    FAIL
  }

  private static final int TEXT_COLUMN = 17;

  static Finding ok(String subject, String text) {
    return new Finding(Level.OK, subject, text, "");
  }

  static Finding warn(String subject, String text, String advice) {
    return new Finding(Level.WARN, subject, text, advice);
  }

  static Finding fail(String subject, String text, String advice) {
    return new Finding(Level.FAIL, subject, text, advice);
  }

  /** {@code ok kvm text}, and a line with the advice below it. */
  String lines() {
    StringBuilder lines = new StringBuilder();
    String word =
        switch (level) {
          case OK -> "ok    ";
          case WARN -> "warn  ";
          case FAIL -> "fail  ";
        };
    lines.append(word).append(subject);
    lines.repeat(' ', Math.max(1, TEXT_COLUMN - lines.length())).append(text).append('\n');
    if (!advice.isEmpty()) {
      lines.repeat(' ', TEXT_COLUMN).append("-> ").append(advice).append('\n');
    }
    return lines.toString();
  }
}
