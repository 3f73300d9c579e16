package io.jvmm.vmm.pci;

import io.jvmm.virtio.pci.PciConfigSpace;
import io.jvmm.vmm.bus.MmioDevice;
import org.jspecify.annotations.Nullable;

/**
 * The memory-mapped configuration space of a bus: 4 KiB a function, 8 functions a device. Where no
 * function is, all reads are ones.
 */
final class ConfigAccess implements MmioDevice {
  /** Devices of a bus. */
  static final int DEVICES = 32;

  /** Bytes from one device's function 0 to the next one's. */
  static final int DEVICE_SIZE = 8 * PciConfigSpace.PAGE_SIZE;

  private static final int OFFSET_MASK = PciConfigSpace.PAGE_SIZE - 1;

  private final @Nullable PciFunction[] functions = new @Nullable PciFunction[DEVICES];

  void set(int device, PciFunction function) {
    functions[device] = function;
  }

  @Override
  public long read(int offset, int size) {
    PciFunction function = function(offset);
    return function == null ? -1 : function.readConfig(offset & OFFSET_MASK, size);
  }

  @Override
  public void write(int offset, int size, long value) {
    PciFunction function = function(offset);
    if (function != null) {
      function.writeConfig(offset & OFFSET_MASK, size, value);
    }
  }

  private @Nullable PciFunction function(int offset) {
    boolean isFunction0 = offset % DEVICE_SIZE < PciConfigSpace.PAGE_SIZE;
    return isFunction0 ? functions[offset / DEVICE_SIZE] : null;
  }
}
