package io.jvmm.vmm.cli;

import java.io.PrintStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Prints lines by a thread of its own, so that an output that nobody reads holds up nobody but that
 * thread. What comes when too much waits is lost.
 *
 * <p>Threads: any.
 */
final class NewsPrinter {
  static final int LINES_MAX = 64;

  private final PrintStream out;
  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(LINES_MAX);

  private NewsPrinter(PrintStream out) {
    this.out = out;
  }

  /** Starts one; it ends with the process. */
  static NewsPrinter start(PrintStream out) {
    NewsPrinter printer = new NewsPrinter(out);
    Thread thread = new Thread(printer::run, "news");
    thread.setDaemon(true);
    thread.start();
    return printer;
  }

  private void run() {
    try {
      while (true) {
        out.println(lines.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does; whoever did would want it to end
    }
  }

  /** Has a line printed; false where too many wait. */
  boolean print(String line) {
    return lines.offer(line);
  }
}
