package io.jvmm.vmm.irq;

import io.jvmm.host.CallState;
import io.jvmm.virtio.MessageInterrupt;
import io.jvmm.vmm.kvm.GsiRouting;
import io.jvmm.vmm.kvm.KvmVm;

/**
 * A message-signalled interrupt that KVM sends when an eventfd is signalled.
 *
 * <p>Threads: any may raise it; vCPU threads route it.
 */
public final class IrqFdMessage implements MessageInterrupt, AutoCloseable {
  private final GsiRouting routing;
  private final int gsi;
  private final IrqFdInterrupt interrupt;

  private IrqFdMessage(GsiRouting routing, int gsi, IrqFdInterrupt interrupt) {
    this.routing = routing;
    this.gsi = gsi;
    this.interrupt = interrupt;
  }

  /** Connects one more; closed by the caller after the machine's vCPUs have stopped. */
  public static IrqFdMessage connect(KvmVm vm, GsiRouting routing) {
    int gsi = routing.addMessage();
    return new IrqFdMessage(routing, gsi, IrqFdInterrupt.connect(vm, gsi));
  }

  @Override
  public void raise(CallState state) {
    interrupt.raise(state);
  }

  @Override
  public void route(long address, int data) {
    routing.route(gsi, address, data);
  }

  @Override
  public void close() {
    interrupt.close();
  }
}
