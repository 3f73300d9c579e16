package io.jvmm.virtio;

/**
 * An interrupt that is a message: a write of {@code data} to {@code address}, which the driver
 * chooses. Raised before there is a message it is lost.
 *
 * <p>Threads: any thread may raise it; routed by one thread at a time.
 */
public interface MessageInterrupt extends Interrupt {
  /** Raised interrupts are this message from now on; any values. */
  void route(long address, int data);
}
