package io.jvmm.vmm.kvm;

import io.jvmm.abi.Abi;
import io.jvmm.vmm.kvm.KvmAbi.Cpuid2;
import io.jvmm.vmm.kvm.KvmAbi.IoEventFd;
import io.jvmm.vmm.kvm.KvmAbi.IrqFd;
import io.jvmm.vmm.kvm.KvmAbi.IrqRouting;
import io.jvmm.vmm.kvm.KvmAbi.MemoryRegion;
import io.jvmm.vmm.kvm.KvmAbi.Msrs;
import io.jvmm.vmm.kvm.KvmAbi.PitConfig;
import io.jvmm.vmm.kvm.KvmAbi.Regs;
import io.jvmm.vmm.kvm.KvmAbi.Run;
import io.jvmm.vmm.kvm.KvmAbi.SignalMask;
import io.jvmm.vmm.kvm.KvmAbi.Sregs;
import io.jvmm.vmm.kvm.KvmAbi.Translation;
import org.junit.jupiter.api.Test;

/** Every number of {@link KvmAbi} against {@code linux/kvm.h}. */
class KvmAbiTest {
  private static Abi kvm() {
    return Abi.of("linux/kvm.h");
  }

  private static long unsigned(int request) {
    return Integer.toUnsignedLong(request);
  }

  @Test
  void requestsAreTheHeaders() throws Exception {
    kvm()
        .same("KVM_API_VERSION", KvmAbi.API_VERSION)
        .same("KVM_GET_API_VERSION", unsigned(KvmAbi.KVM_GET_API_VERSION))
        .same("KVM_CREATE_VM", unsigned(KvmAbi.KVM_CREATE_VM))
        .same("KVM_CHECK_EXTENSION", unsigned(KvmAbi.KVM_CHECK_EXTENSION))
        .same("KVM_GET_VCPU_MMAP_SIZE", unsigned(KvmAbi.KVM_GET_VCPU_MMAP_SIZE))
        .same("KVM_GET_SUPPORTED_CPUID", unsigned(KvmAbi.KVM_GET_SUPPORTED_CPUID))
        .same("KVM_CREATE_VCPU", unsigned(KvmAbi.KVM_CREATE_VCPU))
        .same("KVM_SET_USER_MEMORY_REGION", unsigned(KvmAbi.KVM_SET_USER_MEMORY_REGION))
        .same("KVM_SET_TSS_ADDR", unsigned(KvmAbi.KVM_SET_TSS_ADDR))
        .same("KVM_CREATE_IRQCHIP", unsigned(KvmAbi.KVM_CREATE_IRQCHIP))
        .same("KVM_SET_GSI_ROUTING", unsigned(KvmAbi.KVM_SET_GSI_ROUTING))
        .same("KVM_IRQFD", unsigned(KvmAbi.KVM_IRQFD))
        .same("KVM_CREATE_PIT2", unsigned(KvmAbi.KVM_CREATE_PIT2))
        .same("KVM_IOEVENTFD", unsigned(KvmAbi.KVM_IOEVENTFD))
        .same("KVM_RUN", unsigned(KvmAbi.KVM_RUN))
        .same("KVM_GET_REGS", unsigned(KvmAbi.KVM_GET_REGS))
        .same("KVM_SET_REGS", unsigned(KvmAbi.KVM_SET_REGS))
        .same("KVM_GET_SREGS", unsigned(KvmAbi.KVM_GET_SREGS))
        .same("KVM_SET_SREGS", unsigned(KvmAbi.KVM_SET_SREGS))
        .same("KVM_TRANSLATE", unsigned(KvmAbi.KVM_TRANSLATE))
        .same("KVM_SET_MSRS", unsigned(KvmAbi.KVM_SET_MSRS))
        .same("KVM_SET_SIGNAL_MASK", unsigned(KvmAbi.KVM_SET_SIGNAL_MASK))
        .same("KVM_SET_CPUID2", unsigned(KvmAbi.KVM_SET_CPUID2))
        .verify();
  }

  @Test
  void memoryRegionsAreTheHeaders() throws Exception {
    kvm()
        .same("sizeof(struct kvm_userspace_memory_region)", MemoryRegion.SIZE)
        .same("offsetof(struct kvm_userspace_memory_region, slot)", MemoryRegion.SLOT)
        .same("offsetof(struct kvm_userspace_memory_region, flags)", MemoryRegion.FLAGS)
        .same("KVM_MEM_READONLY", MemoryRegion.KVM_MEM_READONLY)
        .same(
            "offsetof(struct kvm_userspace_memory_region, guest_phys_addr)",
            MemoryRegion.GUEST_PHYS_ADDR)
        .same("offsetof(struct kvm_userspace_memory_region, memory_size)", MemoryRegion.MEMORY_SIZE)
        .same(
            "offsetof(struct kvm_userspace_memory_region, userspace_addr)",
            MemoryRegion.USERSPACE_ADDR)
        .verify();
  }

  @Test
  void interruptsAreTheHeaders() throws Exception {
    kvm()
        .same("offsetof(struct kvm_irq_routing, nr)", IrqRouting.NR)
        .same("offsetof(struct kvm_irq_routing, entries)", IrqRouting.ENTRIES)
        .same("sizeof(struct kvm_irq_routing_entry)", IrqRouting.ENTRY_SIZE)
        .same("offsetof(struct kvm_irq_routing_entry, gsi)", IrqRouting.GSI)
        .same("offsetof(struct kvm_irq_routing_entry, type)", IrqRouting.TYPE)
        .same("offsetof(struct kvm_irq_routing_entry, u.irqchip.irqchip)", IrqRouting.IRQCHIP)
        .same("offsetof(struct kvm_irq_routing_entry, u.irqchip.pin)", IrqRouting.PIN)
        .same("KVM_IRQ_ROUTING_IRQCHIP", IrqRouting.TYPE_IRQCHIP)
        .same("KVM_IRQCHIP_IOAPIC", IrqRouting.IRQCHIP_IOAPIC)
        .same("KVM_IRQ_ROUTING_MSI", IrqRouting.TYPE_MSI)
        .same("offsetof(struct kvm_irq_routing_entry, u.msi.address_lo)", IrqRouting.MSI_ADDRESS_LO)
        .same("offsetof(struct kvm_irq_routing_entry, u.msi.data)", IrqRouting.MSI_DATA)
        .same("sizeof(struct kvm_irqfd)", IrqFd.SIZE)
        .same("offsetof(struct kvm_irqfd, fd)", IrqFd.FD)
        .same("offsetof(struct kvm_irqfd, gsi)", IrqFd.GSI)
        .same("sizeof(struct kvm_ioeventfd)", IoEventFd.SIZE)
        .same("offsetof(struct kvm_ioeventfd, datamatch)", IoEventFd.DATAMATCH)
        .same("offsetof(struct kvm_ioeventfd, addr)", IoEventFd.ADDR)
        .same("offsetof(struct kvm_ioeventfd, len)", IoEventFd.LEN)
        .same("offsetof(struct kvm_ioeventfd, fd)", IoEventFd.FD)
        .same("offsetof(struct kvm_ioeventfd, flags)", IoEventFd.FLAGS)
        .same("KVM_IOEVENTFD_FLAG_DATAMATCH", IoEventFd.FLAG_DATAMATCH)
        .same("sizeof(struct kvm_pit_config)", PitConfig.SIZE)
        .same("offsetof(struct kvm_pit_config, flags)", PitConfig.FLAGS)
        .same("KVM_PIT_SPEAKER_DUMMY", PitConfig.FLAG_SPEAKER_DUMMY)
        .verify();
  }

  @Test
  void cpuidAndMsrsAreTheHeaders() throws Exception {
    kvm()
        .same("offsetof(struct kvm_cpuid2, nent)", Cpuid2.NENT)
        .same("offsetof(struct kvm_cpuid2, entries)", Cpuid2.ENTRIES)
        .same("sizeof(struct kvm_cpuid_entry2)", Cpuid2.ENTRY_SIZE)
        .same("offsetof(struct kvm_cpuid_entry2, function)", Cpuid2.FUNCTION)
        .same("offsetof(struct kvm_cpuid_entry2, index)", Cpuid2.INDEX)
        .same("offsetof(struct kvm_cpuid_entry2, flags)", Cpuid2.FLAGS)
        .same("offsetof(struct kvm_cpuid_entry2, eax)", Cpuid2.EAX)
        .same("offsetof(struct kvm_cpuid_entry2, ebx)", Cpuid2.EBX)
        .same("offsetof(struct kvm_cpuid_entry2, ecx)", Cpuid2.ECX)
        .same("offsetof(struct kvm_cpuid_entry2, edx)", Cpuid2.EDX)
        .same("offsetof(struct kvm_msrs, nmsrs)", Msrs.NMSRS)
        .same("offsetof(struct kvm_msrs, entries)", Msrs.ENTRIES)
        .same("sizeof(struct kvm_msr_entry)", Msrs.ENTRY_SIZE)
        .same("offsetof(struct kvm_msr_entry, index)", Msrs.INDEX)
        .same("offsetof(struct kvm_msr_entry, data)", Msrs.DATA)
        .verify();
  }

  @Test
  void registersAreTheHeaders() throws Exception {
    kvm()
        .same("sizeof(struct kvm_regs)", Regs.SIZE)
        .same("offsetof(struct kvm_regs, rbx)", Regs.RBX)
        .same("offsetof(struct kvm_regs, rsi)", Regs.RSI)
        .same("offsetof(struct kvm_regs, rsp)", Regs.RSP)
        .same("offsetof(struct kvm_regs, r15)", Regs.RIP - Long.BYTES)
        .same("offsetof(struct kvm_regs, rip)", Regs.RIP)
        .same("offsetof(struct kvm_regs, rflags)", Regs.RFLAGS)
        .same("sizeof(struct kvm_sregs)", Sregs.SIZE)
        .same("offsetof(struct kvm_sregs, cs)", Sregs.CS)
        .same("offsetof(struct kvm_sregs, ds)", Sregs.DS)
        .same("offsetof(struct kvm_sregs, es)", Sregs.ES)
        .same("offsetof(struct kvm_sregs, fs)", Sregs.FS)
        .same("offsetof(struct kvm_sregs, gs)", Sregs.GS)
        .same("offsetof(struct kvm_sregs, ss)", Sregs.SS)
        .same("offsetof(struct kvm_sregs, tr)", Sregs.TR)
        .same("offsetof(struct kvm_sregs, gdt)", Sregs.GDT)
        .same("offsetof(struct kvm_sregs, idt)", Sregs.IDT)
        .same("offsetof(struct kvm_sregs, cr0)", Sregs.CR0)
        .same("offsetof(struct kvm_sregs, cr2)", Sregs.CR2)
        .same("offsetof(struct kvm_sregs, cr3)", Sregs.CR3)
        .same("offsetof(struct kvm_sregs, cr4)", Sregs.CR4)
        .same("offsetof(struct kvm_sregs, efer)", Sregs.EFER)
        .same("offsetof(struct kvm_segment, base)", Sregs.SEGMENT_BASE)
        .same("offsetof(struct kvm_segment, limit)", Sregs.SEGMENT_LIMIT)
        .same("offsetof(struct kvm_segment, selector)", Sregs.SEGMENT_SELECTOR)
        .same("offsetof(struct kvm_segment, type)", Sregs.SEGMENT_TYPE)
        .same("offsetof(struct kvm_segment, present)", Sregs.SEGMENT_PRESENT)
        .same("offsetof(struct kvm_segment, dpl)", Sregs.SEGMENT_DPL)
        .same("offsetof(struct kvm_segment, db)", Sregs.SEGMENT_DB)
        .same("offsetof(struct kvm_segment, s)", Sregs.SEGMENT_S)
        .same("offsetof(struct kvm_segment, l)", Sregs.SEGMENT_L)
        .same("offsetof(struct kvm_segment, g)", Sregs.SEGMENT_G)
        .same("offsetof(struct kvm_dtable, base)", Sregs.DTABLE_BASE)
        .same("offsetof(struct kvm_dtable, limit)", Sregs.DTABLE_LIMIT)
        .same("sizeof(struct kvm_translation)", Translation.SIZE)
        .same("offsetof(struct kvm_translation, linear_address)", Translation.LINEAR_ADDRESS)
        .same("offsetof(struct kvm_translation, physical_address)", Translation.PHYSICAL_ADDRESS)
        .same("offsetof(struct kvm_translation, valid)", Translation.VALID)
        .same("offsetof(struct kvm_signal_mask, len)", SignalMask.LEN)
        .same("offsetof(struct kvm_signal_mask, sigset)", SignalMask.SIGSET)
        .verify();
  }

  @Test
  void kvmRunIsTheHeaders() throws Exception {
    kvm()
        .same("offsetof(struct kvm_run, immediate_exit)", Run.IMMEDIATE_EXIT)
        .same("offsetof(struct kvm_run, exit_reason)", Run.EXIT_REASON)
        .same(
            "offsetof(struct kvm_run, fail_entry.hardware_entry_failure_reason)",
            Run.FAIL_ENTRY_REASON)
        .same("offsetof(struct kvm_run, io.direction)", Run.IO_DIRECTION)
        .same("offsetof(struct kvm_run, io.size)", Run.IO_SIZE)
        .same("offsetof(struct kvm_run, io.port)", Run.IO_PORT)
        .same("offsetof(struct kvm_run, io.count)", Run.IO_COUNT)
        .same("offsetof(struct kvm_run, io.data_offset)", Run.IO_DATA_OFFSET)
        .same("KVM_EXIT_IO_IN", 0)
        .same("KVM_EXIT_IO_OUT", 1)
        .same("offsetof(struct kvm_run, mmio.phys_addr)", Run.MMIO_PHYS_ADDR)
        .same("offsetof(struct kvm_run, mmio.data)", Run.MMIO_DATA)
        .same("offsetof(struct kvm_run, mmio.len)", Run.MMIO_LEN)
        .same("offsetof(struct kvm_run, mmio.is_write)", Run.MMIO_IS_WRITE)
        .same("offsetof(struct kvm_run, internal.suberror)", Run.SUBERROR)
        .same("offsetof(struct kvm_run, internal.ndata)", Run.NDATA)
        .same("offsetof(struct kvm_run, emulation_failure.flags)", Run.EMULATION_FLAGS)
        .same("offsetof(struct kvm_run, emulation_failure.insn_size)", Run.EMULATION_INSN_SIZE)
        .same("offsetof(struct kvm_run, emulation_failure.insn_bytes)", Run.EMULATION_INSN_BYTES)
        .same(
            "sizeof(((struct kvm_run *) 0)->emulation_failure.insn_bytes)",
            Run.EMULATION_INSN_BYTES_MAX)
        .same(
            "KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES",
            Run.EMULATION_FLAG_INSTRUCTION_BYTES)
        .verify();
  }

  @Test
  void capabilitiesAreTheHeaders() throws Exception {
    Abi abi = kvm();
    for (KvmCap cap : KvmCap.values()) {
      abi.same("KVM_CAP_" + cap.name(), cap.number());
    }
    abi.verify();
  }

  @Test
  void exitReasonsAreTheHeadersByNumberAndName() throws Exception {
    Abi abi = kvm().same("KVM_INTERNAL_ERROR_EMULATION", KvmExit.SUBERROR_EMULATION);
    for (var field : KvmExit.class.getFields()) {
      int number = field.getInt(null);
      if (!field.getName().startsWith("SUBERROR")) {
        abi.same("KVM_EXIT_" + field.getName(), number).same(KvmExit.name(number), number);
      }
    }
    abi.verify();
  }
}
