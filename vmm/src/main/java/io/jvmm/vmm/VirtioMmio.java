package io.jvmm.vmm;

import io.jvmm.virtio.mmio.MmioTransport;
import io.jvmm.vmm.bus.MmioDevice;

/** A virtio transport in a slot of the bus. */
record VirtioMmio(MmioTransport transport) implements MmioDevice {
  @Override
  public long read(int offset, int size) {
    return transport.read(offset, size);
  }

  @Override
  public void write(int offset, int size, long value) {
    transport.write(offset, size, value);
  }
}
