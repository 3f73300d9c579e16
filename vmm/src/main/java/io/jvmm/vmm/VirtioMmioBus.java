package io.jvmm.vmm;

import io.jvmm.boot.MachineLayout;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.VirtioTransport;
import io.jvmm.virtio.mmio.MmioRegister;
import io.jvmm.virtio.mmio.MmioTransport;
import io.jvmm.vmm.bus.MmioBus;
import io.jvmm.vmm.bus.MmioDevice;
import io.jvmm.vmm.bus.VirtioBus;
import io.jvmm.vmm.irq.IoEventFdDoorbell;
import io.jvmm.vmm.irq.IrqFdInterrupt;
import io.jvmm.vmm.kvm.KvmVm;
import java.util.ArrayDeque;

/** Virtio devices in slots of their own, each with a page of registers and an interrupt line. */
final class VirtioMmioBus implements VirtioBus {
  private final KvmVm vm;
  private final GuestMemory memory;
  private final MmioBus.Window slots;
  private final ArrayDeque<AutoCloseable> owned;
  private int count;

  /**
   * No device yet.
   *
   * @param owned gets what is made, what is to be closed first at the head
   */
  VirtioMmioBus(KvmVm vm, GuestMemory memory, MmioBus mmio, ArrayDeque<AutoCloseable> owned) {
    this.vm = vm;
    this.memory = memory;
    this.owned = owned;
    this.slots =
        mmio.add(
            MachineLayout.VIRTIO_MMIO_START,
            MachineLayout.VIRTIO_MMIO_SLOT_SIZE,
            MachineLayout.VIRTIO_DEVICES_MAX);
  }

  @Override
  public VirtioTransport attach(VirtioDevice device) {
    int index = count++;
    long gpa = MachineLayout.virtioMmioAddress(index);
    IrqFdInterrupt interrupt = IrqFdInterrupt.connect(vm, MachineLayout.virtioMmioGsi(index));
    owned.push(interrupt);
    Doorbell[] doorbells = new Doorbell[device.queueCount()];
    for (int queue = 0; queue < doorbells.length; queue++) {
      IoEventFdDoorbell doorbell =
          IoEventFdDoorbell.connect(vm, gpa + MmioRegister.QUEUE_NOTIFY, queue);
      owned.push(doorbell);
      doorbells[queue] = doorbell;
    }
    MmioTransport transport = new MmioTransport(device, memory, interrupt, doorbells);
    owned.push(transport);
    slots.set(index, new Slot(transport));
    return transport;
  }

  private record Slot(MmioTransport transport) implements MmioDevice {
    @Override
    public long read(int offset, int size) {
      return transport.read(offset, size);
    }

    @Override
    public void write(int offset, int size, long value) {
      transport.write(offset, size, value);
    }
  }
}
