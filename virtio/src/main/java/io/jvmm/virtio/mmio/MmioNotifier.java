package io.jvmm.virtio.mmio;

import io.jvmm.host.CallState;
import io.jvmm.virtio.DeviceNotifier;
import io.jvmm.virtio.DeviceStatus;
import io.jvmm.virtio.Interrupt;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The registers that both sides touch: Status and InterruptStatus.
 *
 * <p>Threads: any, without a lock. A status bit is set before the interrupt is raised, so the
 * handler in the guest finds it.
 */
final class MmioNotifier implements DeviceNotifier {
  static final int USED_BUFFER = 1; // bit of InterruptStatus
  static final int CONFIG_CHANGE = 2;

  private final Interrupt interrupt;
  private final AtomicInteger interruptStatus = new AtomicInteger();
  private final AtomicInteger status = new AtomicInteger();
  private final AtomicInteger needsResetCount = new AtomicInteger();
  private volatile @Nullable String problem;

  MmioNotifier(Interrupt interrupt) {
    this.interrupt = interrupt;
  }

  @Override
  public void usedBuffers(CallState state) {
    raise(state, USED_BUFFER);
  }

  @Override
  public void configChanged(CallState state) {
    raise(state, CONFIG_CHANGE);
  }

  @Override
  public void needsReset(CallState state, String reason) {
    problem = reason;
    needsResetCount.getAndIncrement();
    int before = setStatus(DeviceStatus.DEVICE_NEEDS_RESET);
    // Not before DRIVER_OK: nobody listens yet (virtio 1.2, 2.1.2).
    if ((before & DeviceStatus.DRIVER_OK) != 0) {
      configChanged(state);
    }
  }

  private void raise(CallState state, int bit) {
    setBits(interruptStatus, bit);
    interrupt.raise(state);
  }

  /** The driver did something that was refused; for people. */
  void note(String reason) {
    problem = reason;
  }

  @Nullable String problem() {
    return problem;
  }

  int needsResetCount() {
    return needsResetCount.get();
  }

  int interruptStatus() {
    return interruptStatus.get();
  }

  void acknowledge(int bits) {
    int old;
    do {
      old = interruptStatus.get();
    } while (!interruptStatus.compareAndSet(old, old & ~bits));
  }

  int status() {
    return status.get();
  }

  /** Sets bits; answers the status before. */
  int setStatus(int bits) {
    return setBits(status, bits);
  }

  private static int setBits(AtomicInteger word, int bits) {
    int old;
    do {
      old = word.get();
    } while (!word.compareAndSet(old, old | bits));
    return old;
  }

  /** As after a reset. The device has stopped, so nobody sets a bit any more. */
  void reset() {
    interruptStatus.set(0);
    status.set(0);
  }
}
