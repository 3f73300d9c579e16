package io.jvmm.vmm.cli;

import io.jvmm.vmm.MachineObserver;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * Tells the user what becomes of the other ends: of the console, of network disks and network
 * devices.
 *
 * <p>Threads: as {@link MachineObserver} says.
 */
final class ConsoleWatch implements MachineObserver {
  private final PrintStream err;

  // Guarded by this.
  private @Nullable NewsPrinter news;

  ConsoleWatch(PrintStream err) {
    this.err = err;
  }

  @Override
  public void consoleLost(String why) {
    err.println("jvmm: what the guest writes to its console is lost from now on: " + why);
  }

  /** Comes on a disk's I/O thread, as often as a server likes: it does not wait for a reader. */
  @Override
  public void diskNews(String line) {
    news().print("jvmm: " + line);
  }

  @Override
  public void netNews(String line) {
    news().print("jvmm: " + line);
  }

  @Override
  public void shareNews(String line) {
    news().print("jvmm: " + line);
  }

  private synchronized NewsPrinter news() {
    NewsPrinter printer = news;
    if (printer == null) {
      printer = NewsPrinter.start(err);
      news = printer;
    }
    return printer;
  }
}
