package io.jvmm.vmm.cli;

import io.jvmm.host.file.OpenFile;
import io.jvmm.host.terminal.Terminal;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.MachineConsole;
import io.jvmm.vmm.MachineFiles;

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
   * @param config whose files the console must not overwrite
   * @throws UsageException where it would, and for a block device
   * @throws io.jvmm.host.SyscallException where a file cannot be made
   */
  static ConsoleEnds open(String where, MachineConfig config) {
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
    try (OpenFile file = OpenFile.createKeeping(where)) {
      refuseInput(file, where, config);
      file.empty();
      return new ConsoleEnds(MachineConsole.ofDescriptors(NONE, file.fd().number(), false), false);
    }
  }

  private static void refuseInput(OpenFile file, String where, MachineConfig config) {
    if (file.isBlockDevice()) {
      throw new UsageException(
          "--console " + where + ": is a block device, which the console would overwrite");
    }
    String own = MachineFiles.find(config, file);
    if (own != null) {
      throw new UsageException(
          "--console "
              + where
              + ": is the "
              + own
              + " of this machine, which the console would overwrite");
    }
  }

  /** Puts the user's terminal into raw mode. */
  static Terminal makeTerminalRaw() {
    return Terminal.raw(STDIN);
  }
}
