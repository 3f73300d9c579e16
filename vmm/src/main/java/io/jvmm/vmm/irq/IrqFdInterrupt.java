package io.jvmm.vmm.irq;

import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.virtio.Interrupt;
import io.jvmm.vmm.kvm.KvmVm;

/**
 * An interrupt line that KVM raises when an eventfd is signalled.
 *
 * <p>Threads: any may raise it.
 */
public final class IrqFdInterrupt implements Interrupt, AutoCloseable {
  private final EventFd event;

  private IrqFdInterrupt(EventFd event) {
    this.event = event;
  }

  /** Connects a line; closed by the caller after the machine's vCPUs have stopped. */
  public static IrqFdInterrupt connect(KvmVm vm, int gsi) {
    EventFd event = EventFd.create("interrupt " + gsi);
    try {
      vm.bindInterrupt(event, gsi);
      return new IrqFdInterrupt(event);
    } catch (RuntimeException e) {
      event.close();
      throw e;
    }
  }

  @Override
  public void raise(CallState state) {
    event.signal(state);
  }

  @Override
  public void close() {
    event.close();
  }
}
