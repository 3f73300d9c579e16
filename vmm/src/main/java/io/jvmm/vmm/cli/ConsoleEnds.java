package io.jvmm.vmm.cli;

import io.jvmm.host.file.OpenFile;
import io.jvmm.host.terminal.Terminal;
import io.jvmm.vmm.MachineConsole;

/**
 * The host's ends of the serial port, as {@code --console} names them.
 *
 * @param console what the machine gets
 * @param isTerminal whether the guest's input is the user's terminal, which is to be raw then
 */
record ConsoleEnds(MachineConsole console, boolean isTerminal) {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int NONE = -1;

  /**
   * Opens them.
   *
   * @throws io.jvmm.host.SyscallException where a file cannot be made
   */
  static ConsoleEnds open(String where) {
    if (where.equals("none")) {
      return new ConsoleEnds(MachineConsole.NONE, false);
    }
    if (where.equals("stdio")) {
      boolean isTerminal = Terminal.isTerminal(STDIN);
      return new ConsoleEnds(MachineConsole.ofDescriptors(STDIN, STDOUT, isTerminal), isTerminal);
    }
    if (where.isEmpty()) {
      throw new UsageException("--console needs a value: stdio, none or a file");
    }
    try (OpenFile file = OpenFile.create(where)) {
      return new ConsoleEnds(MachineConsole.ofDescriptors(NONE, file.fd().number(), false), false);
    }
  }

  /** Puts the user's terminal into raw mode. */
  static Terminal makeTerminalRaw() {
    return Terminal.raw(STDIN);
  }
}
