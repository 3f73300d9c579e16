package io.jvmm.vmm;

import io.jvmm.boot.MachineLayout;
import io.jvmm.devices.pmem.PmemImage;
import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.GuestRegion;
import io.jvmm.vmm.kvm.Kvm;
import io.jvmm.vmm.kvm.KvmCap;
import io.jvmm.vmm.kvm.KvmVm;
import java.util.ArrayList;
import java.util.List;

/** Where the images of persistent memory lie in a machine: one after the other above all RAM. */
final class PmemRegions {
  private final List<GuestRegion> regions = new ArrayList<>();

  private PmemRegions() {}

  /**
   * Puts images into the guest's address space.
   *
   * @throws KvmUnavailableException where this host's KVM has no read-only memory
   */
  static PmemRegions map(Kvm kvm, KvmVm vm, GuestMemory memory, List<PmemImage> images) {
    kvm.require(KvmCap.READONLY_MEM);
    PmemRegions made = new PmemRegions();
    int slot = memory.regionCount();
    long end = memory.region(slot - 1).end();
    for (int i = 0; i < images.size(); i++) {
      PmemImage image = images.get(i);
      long gpa = MachineLayout.pmemAddress(end);
      GuestRegion region = new GuestRegion(gpa, image.hva(), image.length());
      vm.addReadOnlyMemory(slot + i, region);
      made.regions.add(region);
      end = region.end();
    }
    return made;
  }

  /** Where image {@code index} lies. */
  GuestRegion region(int index) {
    return regions.get(index);
  }
}
