package io.jvmm.vmm.pci;

import io.jvmm.virtio.pci.PciTransport;
import io.jvmm.vmm.bus.MmioDevice;

/** A virtio transport on the bus, and its BAR in the address space. */
record VirtioPci(PciTransport transport) implements PciFunction, MmioDevice {
  @Override
  public long readConfig(int offset, int size) {
    return transport.readConfig(offset, size);
  }

  @Override
  public void writeConfig(int offset, int size, long value) {
    transport.writeConfig(offset, size, value);
  }

  @Override
  public long read(int offset, int size) {
    return transport.readBar(offset, size);
  }

  @Override
  public void write(int offset, int size, long value) {
    transport.writeBar(offset, size, value);
  }
}
