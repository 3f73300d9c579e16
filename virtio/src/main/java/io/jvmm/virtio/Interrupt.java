package io.jvmm.virtio;

import io.jvmm.host.CallState;

/**
 * One edge-triggered interrupt line into the guest. The machine implements it with an irqfd, a test
 * with a counter.
 *
 * <p>Threads: any thread may raise it, with its own {@link CallState}.
 */
public interface Interrupt {
  /**
   * Hot: raises the line once. Raising it again before the guest has seen the first is not an error
   * and may be one interrupt.
   */
  void raise(CallState state);
}
