package io.jvmm.devices.serial;

/**
 * Finds the user's words to the VMM among those to the guest: Ctrl-A x ends the machine, Ctrl-A h
 * shows help, Ctrl-A twice sends one Ctrl-A. Any other key after Ctrl-A goes to the guest together
 * with it, so that a shell's "beginning of line" mostly works as ever.
 */
final class ConsoleEscape {
  /** Ctrl-A. */
  static final byte PREFIX = 1;

  static final String HELP =
      """
      \r
      Ctrl-A x       end the virtual machine\r
      Ctrl-A Ctrl-A  send Ctrl-A to the guest\r
      Ctrl-A h       this help\r
      """;

  /** What to do with a byte. */
  enum Step {
    /** Send it. */
    SEND,
    /** Send Ctrl-A, then the byte. */
    SEND_BOTH,
    /** Send nothing. */
    HOLD,
    /** End the machine. */
    QUIT,
    /** Show {@link #HELP}. */
    HELP
  }

  private boolean prefixed;

  Step next(byte key) {
    if (!prefixed) {
      prefixed = key == PREFIX;
      return prefixed ? Step.HOLD : Step.SEND;
    }
    prefixed = false;
    return switch (key) {
      case PREFIX -> Step.SEND;
      case 'x', 'X' -> Step.QUIT;
      case 'h', 'H', '?' -> Step.HELP;
      default -> Step.SEND_BOTH;
    };
  }
}
