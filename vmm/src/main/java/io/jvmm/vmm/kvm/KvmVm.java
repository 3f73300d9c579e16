package io.jvmm.vmm.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.host.Fd;
import io.jvmm.host.Ioctl;
import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.GuestRegion;
import io.jvmm.vmm.kvm.KvmAbi.IoEventFd;
import io.jvmm.vmm.kvm.KvmAbi.IrqFd;
import io.jvmm.vmm.kvm.KvmAbi.MemoryRegion;
import io.jvmm.vmm.kvm.KvmAbi.PitConfig;
import java.lang.foreign.MemorySegment;

/**
 * One virtual machine in KVM.
 *
 * <p>Threads: built by one thread. The owner closes its vCPUs first, then this, then the guest
 * memory.
 */
public final class KvmVm implements AutoCloseable {
  private final Fd fd;
  private final long vcpuMapSize;

  KvmVm(Fd fd, long vcpuMapSize) {
    this.fd = fd;
    this.vcpuMapSize = vcpuMapSize;
  }

  /** Gives the guest its RAM, a slot a region. The memory must outlive this machine. */
  public void setMemory(GuestMemory memory) {
    for (int slot = 0; slot < memory.regionCount(); slot++) {
      setRegion(slot, 0, memory.region(slot));
    }
  }

  /**
   * Gives the guest memory that it may only read; a write to it is an access to no device
   * (KVM_EXIT_MMIO). What is behind it must outlive this machine.
   *
   * @param slot a number that no other memory has; RAM has those from 0
   */
  public void addReadOnlyMemory(int slot, GuestRegion region) {
    setRegion(slot, MemoryRegion.KVM_MEM_READONLY, region);
  }

  /** Takes memory away again; the guest's accesses are to a device from then on. */
  public void removeMemory(int slot) {
    setRegion(slot, 0, new GuestRegion(0, 0, 0));
  }

  private void setRegion(int slot, int flags, GuestRegion region) {
    MemorySegment s = struct(MemoryRegion.SIZE);
    s.set(JAVA_INT, MemoryRegion.SLOT, slot);
    s.set(JAVA_INT, MemoryRegion.FLAGS, flags);
    s.set(JAVA_LONG, MemoryRegion.GUEST_PHYS_ADDR, region.gpa());
    s.set(JAVA_LONG, MemoryRegion.MEMORY_SIZE, region.length());
    s.set(JAVA_LONG, MemoryRegion.USERSPACE_ADDR, region.hva());
    Ioctl.call(fd, "KVM_SET_USER_MEMORY_REGION", KvmAbi.KVM_SET_USER_MEMORY_REGION, s.address());
  }

  /**
   * Gives Intel's KVM three pages below 4 GiB that no guest RAM may cover; before the first vCPU.
   */
  public void setTssAddress(long gpa) {
    Ioctl.call(fd, "KVM_SET_TSS_ADDR", KvmAbi.KVM_SET_TSS_ADDR, gpa);
  }

  /** Makes the PICs, the IOAPIC and a local APIC for each vCPU to come. */
  public void createIrqchip() {
    Ioctl.call(fd, "KVM_CREATE_IRQCHIP", KvmAbi.KVM_CREATE_IRQCHIP, 0);
  }

  /** Takes a routing table of interrupts; {@link GsiRouting} alone makes one. */
  void setGsiRouting(long address) {
    Ioctl.call(fd, "KVM_SET_GSI_ROUTING", KvmAbi.KVM_SET_GSI_ROUTING, address);
  }

  /** Makes the interval timer, for hosts whose local APIC timer has no TSC deadline. */
  public void createPit() {
    MemorySegment s = struct(PitConfig.SIZE);
    s.set(JAVA_INT, PitConfig.FLAGS, PitConfig.FLAG_SPEAKER_DUMMY);
    Ioctl.call(fd, "KVM_CREATE_PIT2", KvmAbi.KVM_CREATE_PIT2, s.address());
  }

  /**
   * Raises interrupt {@code gsi}, as an edge, whenever the eventfd is signalled. Ends with the
   * machine.
   */
  public void bindInterrupt(EventFd event, int gsi) {
    MemorySegment s = struct(IrqFd.SIZE);
    s.set(JAVA_INT, IrqFd.FD, event.fd().number());
    s.set(JAVA_INT, IrqFd.GSI, gsi);
    Ioctl.call(fd, "KVM_IRQFD, gsi " + gsi, KvmAbi.KVM_IRQFD, s.address());
  }

  /**
   * Signals the eventfd, without leaving the kernel, whenever the guest writes the 32-bit {@code
   * value} to {@code gpa}. Ends with the machine.
   */
  public void bindDoorbell(EventFd event, long gpa, int value) {
    MemorySegment s = struct(IoEventFd.SIZE);
    s.set(JAVA_LONG, IoEventFd.DATAMATCH, Integer.toUnsignedLong(value));
    s.set(JAVA_LONG, IoEventFd.ADDR, gpa);
    s.set(JAVA_INT, IoEventFd.LEN, Integer.BYTES);
    s.set(JAVA_INT, IoEventFd.FD, event.fd().number());
    s.set(JAVA_INT, IoEventFd.FLAGS, IoEventFd.FLAG_DATAMATCH);
    Ioctl.call(fd, "KVM_IOEVENTFD", KvmAbi.KVM_IOEVENTFD, s.address());
  }

  /**
   * Signals the eventfd, without leaving the kernel, whenever the guest writes to {@code gpa}. Ends
   * with the machine.
   *
   * @param length of the write in bytes; 0 for any, which spares KVM on Intel a look at the
   *     instruction
   */
  public void bindDoorbellToAnyValue(EventFd event, long gpa, int length) {
    MemorySegment s = struct(IoEventFd.SIZE);
    s.set(JAVA_LONG, IoEventFd.ADDR, gpa);
    s.set(JAVA_INT, IoEventFd.LEN, length);
    s.set(JAVA_INT, IoEventFd.FD, event.fd().number());
    Ioctl.call(fd, "KVM_IOEVENTFD", KvmAbi.KVM_IOEVENTFD, s.address());
  }

  /** Makes a vCPU. Its id is its APIC id. */
  public KvmVcpu createVcpu(int id) {
    long vcpu = Ioctl.call(fd, "KVM_CREATE_VCPU, " + id, KvmAbi.KVM_CREATE_VCPU, id);
    return KvmVcpu.of(new Fd((int) vcpu, "vcpu " + id), vcpuMapSize);
  }

  private static MemorySegment struct(int size) {
    return CallState.current().scratch().asSlice(0, size).fill((byte) 0);
  }

  @Override
  public void close() {
    fd.close();
  }
}
