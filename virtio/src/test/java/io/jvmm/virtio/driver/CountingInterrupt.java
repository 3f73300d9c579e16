package io.jvmm.virtio.driver;

import io.jvmm.host.CallState;
import io.jvmm.virtio.Interrupt;
import java.util.concurrent.Semaphore;

/** Counts interrupts, and lets a test wait for them. Any thread. */
public final class CountingInterrupt implements Interrupt {
  private final Semaphore raised = new Semaphore(0);

  @Override
  public void raise(CallState state) {
    raised.release();
  }

  /** Takes one for each interrupt. */
  public Semaphore raised() {
    return raised;
  }
}
