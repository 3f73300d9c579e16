package io.jvmm.vmm.cpu;

import io.jvmm.host.SyscallException;
import io.jvmm.memory.GuestMemory;
import io.jvmm.vmm.kvm.GeneralRegisters;
import io.jvmm.vmm.kvm.KvmExit;
import io.jvmm.vmm.kvm.KvmRun;
import io.jvmm.vmm.kvm.KvmVcpu;
import io.jvmm.vmm.kvm.SystemRegisters;

/**
 * What is known of a vCPU that cannot go on: exit reason, suberror, RIP, the instruction's bytes,
 * registers.
 */
final class CrashReport {
  private static final int INSTRUCTION_BYTES_MAX = 15; // Intel SDM vol. 2A, 2.3.11

  private CrashReport() {}

  /** Reads it off the vCPU; called on its thread. */
  static String of(int index, String what, KvmVcpu vcpu, GuestMemory memory) {
    StringBuilder text = new StringBuilder(1024);
    text.append("vCPU ").append(index).append(": ").append(what);
    KvmRun run = vcpu.run();
    switch (run.exitReason()) {
      case KvmExit.INTERNAL_ERROR -> {
        text.append(", suberror ").append(run.suberror());
        if (run.suberror() == KvmExit.SUBERROR_EMULATION) {
          text.append(" (KVM cannot emulate this instruction)");
        }
      }
      case KvmExit.FAIL_ENTRY ->
          text.append(", hardware reason 0x").append(Long.toHexString(run.entryFailureReason()));
      default -> {} // the name of the exit says it all
    }
    try (GeneralRegisters general = new GeneralRegisters();
        SystemRegisters system = new SystemRegisters()) {
      vcpu.read(general);
      vcpu.read(system);
      instruction(text, vcpu, memory, system.codeBase() + general.rip());
      registers(text, general, system);
    } catch (SyscallException e) {
      text.append("\n  registers cannot be read: ").append(e.getMessage());
    }
    return text.toString();
  }

  private static void instruction(
      StringBuilder text, KvmVcpu vcpu, GuestMemory memory, long linear) {
    text.append(", rip 0x").append(Long.toHexString(linear)).append("\n  instruction:");
    byte[] bytes = vcpu.run().failedInstruction();
    if (bytes.length == 0) {
      bytes = read(vcpu, memory, linear);
    }
    if (bytes.length == 0) {
      text.append(" not in RAM");
    }
    for (byte b : bytes) {
      text.append(' ')
          .append(Character.forDigit((b >> 4) & 0xF, 16))
          .append(Character.forDigit(b & 0xF, 16));
    }
  }

  private static byte[] read(KvmVcpu vcpu, GuestMemory memory, long linear) {
    long gpa = vcpu.translate(linear);
    if (gpa == KvmVcpu.NOT_MAPPED) {
      return new byte[0];
    }
    int length = INSTRUCTION_BYTES_MAX;
    while (length > 0 && memory.translate(gpa, length) == GuestMemory.UNMAPPED) {
      length--;
    }
    byte[] bytes = new byte[length];
    if (length > 0) {
      memory.read(gpa, bytes, 0, length);
    }
    return bytes;
  }

  private static void registers(
      StringBuilder text, GeneralRegisters general, SystemRegisters system) {
    for (int i = 0; i < GeneralRegisters.count(); i++) {
      text.append(i % 4 == 0 ? "\n  " : "  ");
      append(text, GeneralRegisters.name(i), general.value(i));
    }
    text.append("\n  ");
    append(text, "cr0", system.cr0());
    append(text.append("  "), "cr2", system.cr2());
    append(text.append("  "), "cr3", system.cr3());
    append(text.append("  "), "cr4", system.cr4());
    append(text.append("  "), "efer", system.efer());
  }

  private static void append(StringBuilder text, String name, long value) {
    text.append(name).append(' ');
    String digits = Long.toHexString(value);
    text.repeat('0', 16 - digits.length()).append(digits);
  }
}
