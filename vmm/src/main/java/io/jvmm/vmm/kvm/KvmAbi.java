package io.jvmm.vmm.kvm;

import io.jvmm.host.Ioctl;

/**
 * Requests, sizes and offsets of {@code linux/kvm.h} and {@code asm/kvm.h} (x86-64). A test
 * compares them with the header.
 */
final class KvmAbi {
  private static final int KVMIO = 0xAE;

  static final int API_VERSION = 12;

  // The system: /dev/kvm
  static final int KVM_GET_API_VERSION = Ioctl.io(KVMIO, 0x00);
  static final int KVM_CREATE_VM = Ioctl.io(KVMIO, 0x01);
  static final int KVM_CHECK_EXTENSION = Ioctl.io(KVMIO, 0x03);
  static final int KVM_GET_VCPU_MMAP_SIZE = Ioctl.io(KVMIO, 0x04);
  static final int KVM_GET_SUPPORTED_CPUID = Ioctl.iowr(KVMIO, 0x05, 8);

  // A machine
  static final int KVM_CREATE_VCPU = Ioctl.io(KVMIO, 0x41);
  static final int KVM_SET_USER_MEMORY_REGION = Ioctl.iow(KVMIO, 0x46, 32);
  static final int KVM_SET_TSS_ADDR = Ioctl.io(KVMIO, 0x47);
  static final int KVM_CREATE_IRQCHIP = Ioctl.io(KVMIO, 0x60);
  static final int KVM_SET_GSI_ROUTING = Ioctl.iow(KVMIO, 0x6A, 8);
  static final int KVM_IRQFD = Ioctl.iow(KVMIO, 0x76, 32);
  static final int KVM_CREATE_PIT2 = Ioctl.iow(KVMIO, 0x77, 64);
  static final int KVM_IOEVENTFD = Ioctl.iow(KVMIO, 0x79, 64);

  // A vCPU
  static final int KVM_RUN = Ioctl.io(KVMIO, 0x80);
  static final int KVM_GET_REGS = Ioctl.ior(KVMIO, 0x81, 144);
  static final int KVM_SET_REGS = Ioctl.iow(KVMIO, 0x82, 144);
  static final int KVM_GET_SREGS = Ioctl.ior(KVMIO, 0x83, 312);
  static final int KVM_SET_SREGS = Ioctl.iow(KVMIO, 0x84, 312);
  static final int KVM_TRANSLATE = Ioctl.iowr(KVMIO, 0x85, 24);
  static final int KVM_SET_MSRS = Ioctl.iow(KVMIO, 0x89, 8);
  static final int KVM_SET_SIGNAL_MASK = Ioctl.iow(KVMIO, 0x8B, 4);
  static final int KVM_SET_CPUID2 = Ioctl.iow(KVMIO, 0x90, 8);

  /** {@code struct kvm_userspace_memory_region}. */
  static final class MemoryRegion {
    static final int SIZE = 32;
    static final int SLOT = 0;
    static final int FLAGS = 4;
    static final int GUEST_PHYS_ADDR = 8;
    static final int MEMORY_SIZE = 16;
    static final int USERSPACE_ADDR = 24;
    static final int KVM_MEM_READONLY = 1 << 1;

    private MemoryRegion() {}
  }

  /** {@code struct kvm_irq_routing} and its {@code kvm_irq_routing_entry}. */
  static final class IrqRouting {
    static final int NR = 0;
    static final int ENTRIES = 8;
    static final int ENTRY_SIZE = 48;
    static final int GSI = 0;
    static final int TYPE = 4;
    static final int IRQCHIP = 16;
    static final int PIN = 20;
    static final int TYPE_IRQCHIP = 1;
    static final int IRQCHIP_IOAPIC = 2;
    static final int TYPE_MSI = 2;
    static final int MSI_ADDRESS_LO = 16;
    static final int MSI_DATA = 24;

    private IrqRouting() {}
  }

  /** {@code struct kvm_irqfd}. */
  static final class IrqFd {
    static final int SIZE = 32;
    static final int FD = 0;
    static final int GSI = 4;

    private IrqFd() {}
  }

  /** {@code struct kvm_ioeventfd}. */
  static final class IoEventFd {
    static final int SIZE = 64;
    static final int DATAMATCH = 0;
    static final int ADDR = 8;
    static final int LEN = 16;
    static final int FD = 20;
    static final int FLAGS = 24;
    static final int FLAG_DATAMATCH = 1;

    private IoEventFd() {}
  }

  /** {@code struct kvm_pit_config}. */
  static final class PitConfig {
    static final int SIZE = 64;
    static final int FLAGS = 0;
    static final int FLAG_SPEAKER_DUMMY = 1;

    private PitConfig() {}
  }

  /** {@code struct kvm_cpuid2} and its {@code kvm_cpuid_entry2}. */
  static final class Cpuid2 {
    static final int NENT = 0;
    static final int ENTRIES = 8;
    static final int ENTRY_SIZE = 40;
    static final int FUNCTION = 0;
    static final int INDEX = 4;
    static final int FLAGS = 8;
    static final int EAX = 12;
    static final int EBX = 16;
    static final int ECX = 20;
    static final int EDX = 24;

    /** KVM_MAX_CPUID_ENTRIES of the kernel. */
    static final int ENTRIES_MAX = 256;

    private Cpuid2() {}
  }

  /** {@code struct kvm_msrs} and its {@code kvm_msr_entry}. */
  static final class Msrs {
    static final int NMSRS = 0;
    static final int ENTRIES = 8;
    static final int ENTRY_SIZE = 16;
    static final int INDEX = 0;
    static final int DATA = 8;

    private Msrs() {}
  }

  /** {@code struct kvm_regs}. */
  static final class Regs {
    static final int SIZE = 144;
    static final int RBX = 8;
    static final int RSI = 32;
    static final int RSP = 48;
    static final int RIP = 128;
    static final int RFLAGS = 136;

    private Regs() {}
  }

  /** {@code struct kvm_sregs}, its {@code kvm_segment} and {@code kvm_dtable}. */
  static final class Sregs {
    static final int SIZE = 312;
    static final int CS = 0;
    static final int DS = 24;
    static final int ES = 48;
    static final int FS = 72;
    static final int GS = 96;
    static final int SS = 120;
    static final int TR = 144;
    static final int GDT = 192;
    static final int IDT = 208;
    static final int CR0 = 224;
    static final int CR2 = 232;
    static final int CR3 = 240;
    static final int CR4 = 248;
    static final int EFER = 264;

    static final int SEGMENT_BASE = 0;
    static final int SEGMENT_LIMIT = 8;
    static final int SEGMENT_SELECTOR = 12;
    static final int SEGMENT_TYPE = 14;
    static final int SEGMENT_PRESENT = 15;
    static final int SEGMENT_DPL = 16;
    static final int SEGMENT_DB = 17;
    static final int SEGMENT_S = 18;
    static final int SEGMENT_L = 19;
    static final int SEGMENT_G = 20;

    static final int DTABLE_BASE = 0;
    static final int DTABLE_LIMIT = 8;

    private Sregs() {}
  }

  /** {@code struct kvm_translation}. */
  static final class Translation {
    static final int SIZE = 24;
    static final int LINEAR_ADDRESS = 0;
    static final int PHYSICAL_ADDRESS = 8;
    static final int VALID = 16;

    private Translation() {}
  }

  /** {@code struct kvm_signal_mask}: a length and a kernel sigset. */
  static final class SignalMask {
    static final int LEN = 0;
    static final int SIGSET = 4;

    private SignalMask() {}
  }

  /** {@code struct kvm_run}. */
  static final class Run {
    static final int IMMEDIATE_EXIT = 1;
    static final int EXIT_REASON = 8;

    static final int FAIL_ENTRY_REASON = 32;

    static final int IO_DIRECTION = 32;
    static final int IO_SIZE = 33;
    static final int IO_PORT = 34;
    static final int IO_COUNT = 36;
    static final int IO_DATA_OFFSET = 40;

    static final int MMIO_PHYS_ADDR = 32;
    static final int MMIO_DATA = 40;
    static final int MMIO_LEN = 48;
    static final int MMIO_IS_WRITE = 52;

    static final int SUBERROR = 32;
    static final int NDATA = 36;
    static final int EMULATION_FLAGS = 40;
    static final int EMULATION_INSN_SIZE = 48;
    static final int EMULATION_INSN_BYTES = 49;
    static final int EMULATION_INSN_BYTES_MAX = 15;
    static final int EMULATION_FLAG_INSTRUCTION_BYTES = 1;

    private Run() {}
  }

  private KvmAbi() {}
}
