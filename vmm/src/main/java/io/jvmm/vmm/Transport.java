package io.jvmm.vmm;

import io.jvmm.boot.MachineLayout;

/** How the guest reaches its virtio devices. */
public enum Transport {
  /** Pages of registers that ACPI tells of; an interrupt line for each device. */
  MMIO(MachineLayout.VIRTIO_DEVICES_MAX),

  /** Functions on a PCI bus; a message-signalled interrupt for each queue. */
  PCI(MachineLayout.PCI_DEVICES_MAX);

  private final int devicesMax;

  Transport(int devicesMax) {
    this.devicesMax = devicesMax;
  }

  /** The most virtio devices of a machine. */
  public int devicesMax() {
    return devicesMax;
  }
}
