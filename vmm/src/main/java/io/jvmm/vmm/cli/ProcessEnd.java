package io.jvmm.vmm.cli;

import io.jvmm.host.signal.ProcessSignals;
import io.jvmm.host.terminal.Terminal;
import io.jvmm.vmm.Machine;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * What happens when the process is asked to end while its guest runs. SIGTERM, SIGINT and SIGHUP
 * begin the JVM's shutdown, which calls this hook: it gives the terminal back, presses the guest's
 * power button and waits for the main thread to halt the process. From then on the signals have
 * their default action again, so a second one ends the process at once, whatever state the JVM is
 * in, and the machine with it.
 *
 * <p>A hook needs no class outside {@code java.base}, costs nothing before it is needed, and covers
 * every other way that a JVM ends by itself.
 *
 * <p>Threads: the main thread makes it; the JVM runs it.
 */
final class ProcessEnd extends Thread {
  /**
   * A Linux user space stops within a few seconds; then the user should know why nothing happens.
   */
  private static final long PATIENCE_MILLIS = 10_000;

  private static final int[] SIGNALS = {
    ProcessSignals.SIGHUP, ProcessSignals.SIGINT, ProcessSignals.SIGTERM
  };

  private final Machine machine;
  private final PrintStream err;
  private final Object lock = new Object();

  // Guarded by lock.
  private @Nullable Terminal terminal;
  private boolean begun;

  private ProcessEnd(Machine machine, PrintStream err) {
    super("stop");
    this.machine = machine;
    this.err = err;
  }

  /** Prepares for it. Where the process is ending already, the machine is asked at once. */
  static ProcessEnd prepare(Machine machine, PrintStream err) {
    ProcessEnd end = new ProcessEnd(machine, err);
    try {
      Runtime.getRuntime().addShutdownHook(end);
    } catch (IllegalStateException alreadyEnding) {
      machine.stop();
    }
    return end;
  }

  /** Puts the terminal into raw mode, to be given back by {@link #restoreTerminal} or the hook. */
  void makeTerminalRaw() {
    synchronized (lock) {
      if (!begun) {
        terminal = ConsoleEnds.makeTerminalRaw();
      }
    }
  }

  /** Gives the terminal back as it was; a second call does nothing. */
  void restoreTerminal() {
    synchronized (lock) {
      if (terminal != null) {
        terminal.close();
      }
    }
  }

  @Override
  public void run() {
    synchronized (lock) {
      begun = true;
    }
    restoreTerminal();
    for (int signal : SIGNALS) {
      ProcessSignals.restoreDefault(signal);
    }
    pressPowerButton();
    try {
      Thread.sleep(PATIENCE_MILLIS);
      err.println(
          "jvmm: the guest has been asked to stop and still runs; the same signal once more ends it"
              + " now");
      while (true) {
        Thread.sleep(Long.MAX_VALUE); // the main thread halts the process when the guest has ended
      }
    } catch (InterruptedException e) {
      machine.stop();
    }
  }

  private void pressPowerButton() {
    try {
      machine.pressPowerButton();
    } catch (IllegalStateException closed) {
      // The guest has ended already: the main thread is about to halt the process.
    }
  }
}
