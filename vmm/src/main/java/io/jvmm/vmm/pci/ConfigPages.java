package io.jvmm.vmm.pci;

import io.jvmm.boot.MachineLayout;
import io.jvmm.host.Mapping;
import io.jvmm.memory.GuestRegion;
import io.jvmm.virtio.pci.PciConfigSpace;
import io.jvmm.vmm.kvm.KvmVm;
import java.lang.foreign.MemorySegment;

/**
 * The memory of all functions' configuration spaces, a page each. The guest sees the page itself
 * where KVM can give it read-only memory: a kernel reads a function's space some two hundred times
 * while it looks for drivers, and none of these reads leaves the guest. Writes do, and come back
 * into the page here.
 *
 * <p>Threads: shown by the machine's builder, hidden by any vCPU thread. Closed after the machine
 * in KVM is gone.
 */
final class ConfigPages implements AutoCloseable {
  /** KVM's numbers for the pages, above those of RAM and of other memory. */
  private static final int FIRST_MEMORY_SLOT = 256;

  private final Mapping mapping =
      Mapping.anonymous(
          "PCI configuration", (long) ConfigAccess.DEVICES * PciConfigSpace.PAGE_SIZE);
  private final boolean[] shown = new boolean[ConfigAccess.DEVICES]; // guarded by this

  MemorySegment page(int device) {
    return mapping
        .segment()
        .asSlice((long) device * PciConfigSpace.PAGE_SIZE, PciConfigSpace.PAGE_SIZE);
  }

  /** Lets the guest read a device's page without an exit. */
  synchronized void show(KvmVm vm, int device) {
    shown[device] = true;
    vm.addReadOnlyMemory(FIRST_MEMORY_SLOT + device, region(device));
  }

  /** All reads come to the device itself from now on. */
  synchronized void hide(KvmVm vm, int device) {
    if (shown[device]) {
      shown[device] = false;
      vm.removeMemory(FIRST_MEMORY_SLOT + device);
    }
  }

  private GuestRegion region(int device) {
    return new GuestRegion(
        MachineLayout.PCI_CONFIG + (long) device * ConfigAccess.DEVICE_SIZE,
        mapping.address() + (long) device * PciConfigSpace.PAGE_SIZE,
        PciConfigSpace.PAGE_SIZE);
  }

  @Override
  public void close() {
    mapping.close();
  }
}
