package io.jvmm.virtio.pci;

import io.jvmm.host.CallState;
import io.jvmm.virtio.TransportInterrupts;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Which vector means what, and the ISR status. The function has no interrupt pin: where the driver
 * has not turned MSI-X on, the ISR status is all that it gets (virtio 1.2, 4.1.4.5, 4.1.5.1.2).
 *
 * <p>Threads: any, without a lock.
 */
final class PciInterrupts implements TransportInterrupts {
  /** VIRTIO_MSI_NO_VECTOR: no interrupt for this. */
  static final int NO_VECTOR = 0xffff;

  private static final int QUEUE_INTERRUPT = 1; // bit of the ISR status
  private static final int CONFIGURATION_INTERRUPT = 2;

  private final MsixTable msix;
  private final AtomicInteger isrStatus = new AtomicInteger();
  private final AtomicIntegerArray queueVectors;
  private volatile int configVector = NO_VECTOR;

  PciInterrupts(MsixTable msix, int queueCount) {
    this.msix = msix;
    this.queueVectors = new AtomicIntegerArray(queueCount);
    reset();
  }

  @Override
  public void usedBuffers(CallState state, int queue) {
    if (msix.isEnabled()) {
      raise(state, queueVectors.get(queue));
    } else {
      addToIsr(QUEUE_INTERRUPT);
    }
  }

  @Override
  public void configChanged(CallState state) {
    addToIsr(CONFIGURATION_INTERRUPT);
    if (msix.isEnabled()) {
      raise(state, configVector);
    }
  }

  private void raise(CallState state, int vector) {
    if (vector != NO_VECTOR) {
      msix.raise(state, vector);
    }
  }

  private void addToIsr(int bit) {
    int old;
    do {
      old = isrStatus.get();
    } while (!isrStatus.compareAndSet(old, old | bit));
  }

  /** Reading it clears it. */
  int takeIsr() {
    return isrStatus.getAndSet(0);
  }

  int configVector() {
    return configVector;
  }

  void setConfigVector(int vector) {
    configVector = checked(vector);
  }

  /** The vector of queue {@code queue}, which may be any number. */
  int queueVector(int queue) {
    return queue < queueVectors.length() ? queueVectors.get(queue) : NO_VECTOR;
  }

  void setQueueVector(int queue, int vector) {
    if (queue < queueVectors.length()) {
      queueVectors.set(queue, checked(vector));
    }
  }

  /** A driver reads back whether it got the vector that it asked for (4.1.5.1.2.2). */
  private int checked(int vector) {
    return vector < msix.vectorCount() ? vector : NO_VECTOR;
  }

  @Override
  public void reset() {
    isrStatus.set(0);
    configVector = NO_VECTOR;
    for (int i = 0; i < queueVectors.length(); i++) {
      queueVectors.set(i, NO_VECTOR);
    }
  }
}
