package io.jvmm.vmm.kvm;

/** Capabilities that jvmm asks for ({@code linux/kvm.h}, KVM_CAP_*). */
public enum KvmCap {
  IRQCHIP(0, "in-kernel interrupt controllers"),
  USER_MEMORY(3, "guest memory from this process"),
  SET_TSS_ADDR(4, "a place for the TSS (Intel)"),
  EXT_CPUID(7, "the CPUID leaves that KVM supports"),
  NR_VCPUS(9, "recommended number of vCPUs"),
  IRQFD(32, "interrupts by eventfd"),
  PIT2(33, "in-kernel PIT"),
  IOEVENTFD(36, "doorbells by eventfd"),
  MAX_VCPUS(66, "the most vCPUs"),
  TSC_DEADLINE_TIMER(72, "TSC deadline timer"),
  IMMEDIATE_EXIT(136, "immediate_exit in kvm_run");

  private final int number;
  private final String meaning;

  KvmCap(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  /** The number in the header. */
  public int number() {
    return number;
  }

  /** In words. */
  public String meaning() {
    return meaning;
  }
}
