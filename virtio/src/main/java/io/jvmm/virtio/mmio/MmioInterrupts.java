package io.jvmm.virtio.mmio;

import io.jvmm.host.CallState;
import io.jvmm.virtio.Interrupt;
import io.jvmm.virtio.TransportInterrupts;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * InterruptStatus and the one line of a device: which queue it was, the driver finds out.
 *
 * <p>Threads: any, without a lock. A status bit is set before the interrupt is raised, so the
 * handler in the guest finds it.
 */
final class MmioInterrupts implements TransportInterrupts {
  static final int USED_BUFFER = 1; // bit of InterruptStatus
  static final int CONFIG_CHANGE = 2;

  private final Interrupt interrupt;
  private final AtomicInteger interruptStatus = new AtomicInteger();

  MmioInterrupts(Interrupt interrupt) {
    this.interrupt = interrupt;
  }

  @Override
  public void usedBuffers(CallState state, int queue) {
    raise(state, USED_BUFFER);
  }

  @Override
  public void configChanged(CallState state) {
    raise(state, CONFIG_CHANGE);
  }

  private void raise(CallState state, int bit) {
    int old;
    do {
      old = interruptStatus.get();
    } while (!interruptStatus.compareAndSet(old, old | bit));
    interrupt.raise(state);
  }

  int status() {
    return interruptStatus.get();
  }

  void acknowledge(int bits) {
    int old;
    do {
      old = interruptStatus.get();
    } while (!interruptStatus.compareAndSet(old, old & ~bits));
  }

  @Override
  public void reset() {
    interruptStatus.set(0);
  }
}
