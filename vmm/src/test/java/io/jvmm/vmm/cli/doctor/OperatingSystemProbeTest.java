package io.jvmm.vmm.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.boot.KernelEntry;
import io.jvmm.memory.GuestMemory;
import io.jvmm.vmm.cli.doctor.OperatingSystemProbe.Verdict;
import io.jvmm.vmm.kvm.Kvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class OperatingSystemProbeTest {
  /** A KVM that runs it or one that gives up at one of its two instructions: nothing else. */
  @Test
  void aKvmComesBackFromTheExceptionOrSaysWhereItGaveUp() {
    Assumptions.assumeTrue(Files.isWritable(Path.of(Kvm.DEVICE)), "no writable " + Kvm.DEVICE);
    try (Kvm kvm = Kvm.open()) {
      Verdict verdict = OperatingSystemProbe.run(kvm);
      assertTrue(
          verdict.canRun()
              ? verdict.reason().isEmpty()
              : verdict.reason().matches("KVM_EXIT_\\w+.* at (int3|iretq)"),
          verdict::reason);
      assertEquals(verdict, OperatingSystemProbe.run(kvm));
    }
  }

  @Test
  void thePayloadIsTheInstructionsOfTheManual() {
    try (GuestMemory memory =
        GuestMemory.allocate(
            ProbePayload.RAM_SIZE,
            ProbePayload.RAM_SIZE,
            2 * ProbePayload.RAM_SIZE,
            GuestMemory.Backing.ANONYMOUS)) {
      KernelEntry entry = ProbePayload.write(memory);
      byte[] code = new byte[25];
      memory.read(entry.rip(), code, 0, code.length);
      assertEquals(
          "0f011c2500300000" // lidt [0x3000]
              + "b001e610" // mov al, 1; out 0x10, al
              + "cc" // int3
              + "b003e610f4" // mov al, 3; out 0x10, al; hlt
              + "b002e61048cf" // mov al, 2; out 0x10, al; iretq
              + "00",
          HexFormat.of().formatHex(code));
      long handler = entry.rip() + 18;
      assertEquals(0x3F, memory.getShort(0x3000)); // four gates
      assertEquals(0x2000, memory.getLong(0x3002));
      assertEquals(0x8E00_0010_0000L | handler, memory.getLong(0x2030));
    }
  }
}
