package io.jvmm.vmm.pci;

import io.jvmm.boot.MachineLayout;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.MessageInterrupt;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.VirtioTransport;
import io.jvmm.virtio.pci.PciBar;
import io.jvmm.virtio.pci.PciTransport;
import io.jvmm.vmm.bus.MmioBus;
import io.jvmm.vmm.bus.VirtioBus;
import io.jvmm.vmm.irq.IoEventFdDoorbell;
import io.jvmm.vmm.irq.IrqFdMessage;
import io.jvmm.vmm.kvm.GsiRouting;
import io.jvmm.vmm.kvm.Kvm;
import io.jvmm.vmm.kvm.KvmCap;
import io.jvmm.vmm.kvm.KvmVm;
import java.util.ArrayDeque;

/** Bus 0: a host bridge on device 0, and virtio functions from device 1 up. */
public final class PciBus implements VirtioBus {
  private final Kvm kvm;
  private final KvmVm vm;
  private final GsiRouting routing;
  private final GuestMemory memory;
  private final ConfigAccess configAccess = new ConfigAccess();
  private final ConfigPages pages;
  private final MmioBus.Window bars;
  private final ArrayDeque<AutoCloseable> owned;
  private int count;

  /**
   * A bus with its host bridge.
   *
   * @param kvm is asked for what it can do while devices are attached
   * @param owned gets what is made, what is to be closed first at the head
   */
  public PciBus(
      Kvm kvm,
      KvmVm vm,
      GsiRouting routing,
      GuestMemory memory,
      MmioBus mmio,
      ArrayDeque<AutoCloseable> owned) {
    this.kvm = kvm;
    this.vm = vm;
    this.routing = routing;
    this.memory = memory;
    this.owned = owned;
    this.pages = new ConfigPages();
    owned.push(pages);
    this.bars =
        mmio.add(
            MachineLayout.PCI_BARS,
            MachineLayout.PCI_BAR_SIZE,
            MachineLayout.PCI_BARS_SIZE / MachineLayout.PCI_BAR_SIZE);
    mmio.add(MachineLayout.PCI_CONFIG, MachineLayout.PCI_CONFIG_SIZE, 1).set(0, configAccess);
    add(0, new HostBridge(pages.page(0)));
  }

  private void add(int device, PciFunction function) {
    configAccess.set(device, function);
    if (kvm.check(KvmCap.READONLY_MEM) != 0) {
      pages.show(vm, device);
    }
  }

  @Override
  public VirtioTransport attach(VirtioDevice virtioDevice) {
    int device = ++count;
    long bar = MachineLayout.pciBarAddress(device);
    MessageInterrupt[] vectors = new MessageInterrupt[virtioDevice.queueCount() + 1];
    for (int i = 0; i < vectors.length; i++) {
      IrqFdMessage message = IrqFdMessage.connect(vm, routing);
      owned.push(message);
      vectors[i] = message;
    }
    boolean isAnyLength = kvm.check(KvmCap.IOEVENTFD_ANY_LENGTH) != 0;
    Doorbell[] doorbells = new Doorbell[virtioDevice.queueCount()];
    for (int queue = 0; queue < doorbells.length; queue++) {
      long gpa = bar + PciBar.NOTIFY + (long) queue * PciBar.NOTIFY_MULTIPLIER;
      IoEventFdDoorbell doorbell = IoEventFdDoorbell.connectAnyValue(vm, gpa, isAnyLength);
      owned.push(doorbell);
      doorbells[queue] = doorbell;
    }
    PciTransport transport =
        new PciTransport(
            virtioDevice,
            memory,
            vectors,
            doorbells,
            pages.page(device),
            (int) bar,
            () -> pages.hide(vm, device));
    owned.push(transport);
    VirtioPci function = new VirtioPci(transport);
    bars.set((int) (bar - MachineLayout.PCI_BARS) / MachineLayout.PCI_BAR_SIZE, function);
    add(device, function);
    return transport;
  }
}
