package io.jvmm.vmm.cpu;

import io.jvmm.boot.KernelEntry;
import io.jvmm.vmm.kvm.GeneralRegisters;
import io.jvmm.vmm.kvm.KvmVcpu;
import io.jvmm.vmm.kvm.SystemRegisters;

/**
 * Puts the first vCPU where the kernel's boot protocol wants it. The others wait for a start-up
 * IPI.
 */
public final class CpuEntry {
  private static final long RFLAGS_ALWAYS_ONE = 0x2;

  private static final int MSR_IA32_MISC_ENABLE = 0x1A0;
  private static final long FAST_STRINGS = 1L;
  private static final int MSR_MTRR_DEF_TYPE = 0x2FF;
  private static final long MTRR_ENABLED_WRITE_BACK = (1L << 11) | 6;

  private CpuEntry() {}

  /**
   * MSRs as firmware would leave them on every CPU. A KVM that does not know one is no worse off:
   * it is passed over.
   */
  public static void setMsrs(KvmVcpu vcpu) {
    vcpu.setMsr(MSR_IA32_MISC_ENABLE, FAST_STRINGS);
    vcpu.setMsr(MSR_MTRR_DEF_TYPE, MTRR_ENABLED_WRITE_BACK); // else Linux turns the PAT off
  }

  /** Sets the registers for the kernel's first instruction. */
  public static void enter(KvmVcpu vcpu, KernelEntry entry) {
    try (SystemRegisters system = new SystemRegisters();
        GeneralRegisters general = new GeneralRegisters()) {
      vcpu.read(system);
      system.setCode(entry.code());
      system.setData(entry.data());
      system.setTask(entry.task());
      system.setGdt(entry.gdt(), entry.gdtLimit());
      system.clearIdt();
      system.setControl(entry.cr0(), entry.cr3(), entry.cr4(), entry.efer());
      vcpu.write(system);

      general.setRip(entry.rip());
      general.setRsi(entry.rsi());
      general.setRbx(entry.rbx());
      general.setRsp(entry.rsp());
      general.setRflags(RFLAGS_ALWAYS_ONE);
      vcpu.write(general);
    }
  }
}
