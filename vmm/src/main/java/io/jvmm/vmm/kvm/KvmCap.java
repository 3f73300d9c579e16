package io.jvmm.vmm.kvm;

/** Capabilities that jvmm asks for ({@code linux/kvm.h}, KVM_CAP_*). */
public enum KvmCap {
  IRQCHIP(0, "in-kernel interrupt controllers", true),
  USER_MEMORY(3, "guest memory from this process", true),
  SET_TSS_ADDR(4, "a place for the TSS (Intel)", false),
  EXT_CPUID(7, "the CPUID leaves that KVM supports", true),
  NR_VCPUS(9, "recommended number of vCPUs", false),
  IRQ_ROUTING(25, "a routing table of interrupts", true),
  IRQFD(32, "interrupts by eventfd", true),
  PIT2(33, "in-kernel PIT", false),
  IOEVENTFD(36, "doorbells by eventfd", true),
  MAX_VCPUS(66, "the most vCPUs", false),
  READONLY_MEM(81, "memory that the guest may only read", false),
  IOEVENTFD_ANY_LENGTH(122, "doorbells whatever the width of the write", false),
  TSC_DEADLINE_TIMER(72, "TSC deadline timer", false),
  IMMEDIATE_EXIT(136, "immediate_exit in kvm_run", true);

  private final int number;
  private final String meaning;

  private final boolean required;

  KvmCap(int number, String meaning, boolean required) {
    this.number = number;
    this.meaning = meaning;
    this.required = required;
  }

  /** The number in the header. */
  public int number() {
    return number;
  }

  /** In words. */
  public String meaning() {
    return meaning;
  }

  /** Whether a machine cannot be without it. */
  public boolean isRequired() {
    return required;
  }
}
