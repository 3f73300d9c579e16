package io.jvmm.devices.serial;

import io.jvmm.host.SyscallException;

/** Hears what happens on a {@link SerialConsole}. Called on the io thread; must not block. */
public interface ConsoleListener {
  /**
   * The guest has written a line.
   *
   * @param text without its end; bytes as ISO 8859-1; cut where it is longer than a kernel's lines
   */
  void line(String text);

  /** The user typed the escape that ends the machine (Ctrl-A x). */
  void quit();

  /** What the guest writes is lost from now on: the other side has gone, or a disk is full. */
  void outputFailed(SyscallException cause);
}
