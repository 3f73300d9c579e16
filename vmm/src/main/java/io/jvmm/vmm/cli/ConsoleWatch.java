package io.jvmm.vmm.cli;

import io.jvmm.vmm.MachineObserver;
import java.io.PrintStream;

/** Tells the user what becomes of the other ends: of the console, of network disks. */
final class ConsoleWatch implements MachineObserver {
  private final PrintStream err;

  ConsoleWatch(PrintStream err) {
    this.err = err;
  }

  @Override
  public void consoleLost(String why) {
    err.println("jvmm: what the guest writes to its console is lost from now on: " + why);
  }

  @Override
  public void diskNews(String line) {
    err.println("jvmm: " + line);
  }
}
