package io.jvmm.vmm.pci;

import io.jvmm.virtio.pci.PciConfigSpace;
import java.lang.foreign.MemorySegment;

/** Device 0: that there is a bus. Nothing of it can be changed that means anything. */
final class HostBridge implements PciFunction {
  private static final int VENDOR = 0x1b36; // with the device: a generic host bridge
  private static final int DEVICE = 0x0008;
  private static final int CLASS_HOST_BRIDGE = 0x06_00_00;

  private final PciConfigSpace config;

  HostBridge(MemorySegment page) {
    config = new PciConfigSpace(page, VENDOR, DEVICE, 0, CLASS_HOST_BRIDGE);
  }

  @Override
  public long readConfig(int offset, int size) {
    return config.read(offset, size);
  }

  @Override
  public synchronized void writeConfig(int offset, int size, long value) {
    config.write(offset, size, value);
  }
}
