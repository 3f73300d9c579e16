package io.jvmm.virtio.driver;

import io.jvmm.host.CallState;
import io.jvmm.virtio.Interrupt;
import java.util.concurrent.Semaphore;

/** Counts interrupts, and lets a test wait for them. Any thread. */
public final class CountingInterrupt implements Interrupt {
  private final Semaphore raised = new Semaphore(0);
  private volatile Runnable watcher = () -> {};

  @Override
  public void raise(CallState state) {
    watcher.run();
    raised.release();
  }

  /**
   * Has this run at each interrupt, on the thread that raises it: a driver could not look sooner.
   */
  public void whenRaised(Runnable newWatcher) {
    watcher = newWatcher;
  }

  /** Takes one for each interrupt. */
  public Semaphore raised() {
    return raised;
  }
}
