package io.jvmm.vmm.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.vmm.KvmUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** KVM's wrappers, with a guest of three instructions in real mode where there is a KVM. */
class KvmTest {
  private static final long MIB = 1 << 20;

  @Test
  void aHostWithoutKvmIsToldWhatToDo() {
    KvmUnavailableException e =
        assertThrows(KvmUnavailableException.class, () -> Kvm.open("/dev/no-such-kvm"));
    assertTrue(e.toString().contains("load kvm_intel or kvm_amd"), e::toString);
  }

  @Test
  void aDeviceThatIsNotKvmIsRefused() {
    KvmUnavailableException e =
        assertThrows(KvmUnavailableException.class, () -> Kvm.open("/dev/null"));
    assertTrue(e.toString().contains("/dev/null is not KVM"), e::toString);
  }

  @Nested
  class WithKvm {
    @BeforeEach
    void needsKvm() {
      Assumptions.assumeTrue(Files.isWritable(Path.of(Kvm.DEVICE)), "no writable " + Kvm.DEVICE);
    }

    @Test
    void aRealModeGuestReachesAPortAndHalts() {
      byte[] code = {
        (byte) 0xB0, 0x2A, // mov al, 42
        (byte) 0xE6, 0x10, // out 0x10, al
        (byte) 0xF4 // hlt
      };
      try (Kvm kvm = Kvm.open();
          GuestMemory memory =
              GuestMemory.allocate(MIB, MIB, 2 * MIB, GuestMemory.Backing.ANONYMOUS);
          KvmVm vm = kvm.createVm()) {
        memory.write(0x1000, code);
        vm.setMemory(memory);
        try (KvmVcpu vcpu = vm.createVcpu(0);
            SystemRegisters system = new SystemRegisters();
            GeneralRegisters general = new GeneralRegisters()) {
          vcpu.read(system);
          system.setRealModeCode(0, 0);
          vcpu.write(system);
          general.setRip(0x1000);
          general.setRflags(2);
          vcpu.write(general);
          CallState state = CallState.current();

          assertEquals(0, vcpu.tryRun(state));
          assertEquals(KvmExit.IO, vcpu.run().exitReason());
          assertTrue(vcpu.run().ioIsWrite());
          assertEquals(0x10, vcpu.run().ioPort());
          assertEquals(1, vcpu.run().ioSize());
          assertEquals(42, vcpu.run().ioData(0));

          assertEquals(0, vcpu.tryRun(state));
          assertEquals(KvmExit.HLT, vcpu.run().exitReason());
          vcpu.read(general);
          assertEquals(0x1005, general.rip());
        }
      }
    }

    @Test
    void cpuidHasTheVendorAndTheFeatures() {
      try (Kvm kvm = Kvm.open();
          CpuidTable table = kvm.supportedCpuid()) {
        assertEquals(0, table.function(0));
        assertTrue(table.size() > 2, "rows: " + table.size());
      }
    }
  }
}
