package io.jvmm.vmm.irq;

import io.jvmm.host.EventFd;
import io.jvmm.virtio.Doorbell;
import io.jvmm.vmm.kvm.KvmVm;

/**
 * A doorbell that KVM rings when the guest writes to a register: the vCPU does not leave the kernel
 * for it.
 */
public final class IoEventFdDoorbell implements Doorbell, AutoCloseable {
  private final EventFd event;

  private IoEventFdDoorbell(EventFd event) {
    this.event = event;
  }

  /**
   * Connects a doorbell; closed by the caller after the thread that waits for it has stopped.
   *
   * @param gpa the register, 32 bits wide
   * @param queue the value that rings this one
   */
  public static IoEventFdDoorbell connect(KvmVm vm, long gpa, int queue) {
    EventFd event = EventFd.create("doorbell " + queue + " at 0x" + Long.toHexString(gpa));
    try {
      vm.bindDoorbell(event, gpa, queue);
      return new IoEventFdDoorbell(event);
    } catch (RuntimeException e) {
      event.close();
      throw e;
    }
  }

  /**
   * Connects a doorbell with a register of its own; closed as the other.
   *
   * @param gpa the register, 16 bits wide
   * @param isAnyLength whether KVM has KVM_CAP_IOEVENTFD_ANY_LENGTH
   */
  public static IoEventFdDoorbell connectAnyValue(KvmVm vm, long gpa, boolean isAnyLength) {
    EventFd event = EventFd.create("doorbell at 0x" + Long.toHexString(gpa));
    try {
      vm.bindDoorbellToAnyValue(event, gpa, isAnyLength ? 0 : Short.BYTES);
      return new IoEventFdDoorbell(event);
    } catch (RuntimeException e) {
      event.close();
      throw e;
    }
  }

  @Override
  public EventFd event() {
    return event;
  }

  @Override
  public void close() {
    event.close();
  }
}
