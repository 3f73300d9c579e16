package io.jvmm.vmm.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.pmem.PmemImage;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.GuestRegion;
import io.jvmm.vmm.KvmUnavailableException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void readOnlyMemoryIsReadAndAWriteToItIsAnAccessToADevice(@TempDir Path folder)
        throws IOException {
      byte[] code = {
        (byte) 0xB8,
        0x00,
        0x20, // mov ax, 0x2000
        (byte) 0x8E,
        (byte) 0xD8, // mov ds, ax
        (byte) 0xA0,
        0x00,
        0x00, // mov al, [0]
        (byte) 0xE6,
        0x10, // out 0x10, al
        (byte) 0xA2,
        0x00,
        0x00, // mov [0], al
        (byte) 0xE6,
        0x10, // out 0x10, al
        (byte) 0xA0,
        0x00,
        0x10, // mov al, [0x1000]
        (byte) 0xE6,
        0x10 // out 0x10, al
      };
      Path image = Files.write(folder.resolve("image"), new byte[2 * 4096]);
      try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw");
          PmemImage pmem = PmemImage.open(image.toString());
          Kvm kvm = Kvm.open();
          GuestMemory memory =
              GuestMemory.allocate(0x10000, MIB, 2 * MIB, GuestMemory.Backing.ANONYMOUS);
          KvmVm vm = kvm.createVm()) {
        Assumptions.assumeTrue(kvm.check(KvmCap.READONLY_MEM) != 0, "no KVM_CAP_READONLY_MEM");
        file.write(42);
        memory.write(0x1000, code);
        vm.setMemory(memory);
        vm.addReadOnlyMemory(7, new GuestRegion(0x20000, pmem.hva(), pmem.length()));
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
          assertEquals(42, vcpu.run().ioData(0));

          assertEquals(0, vcpu.tryRun(state));
          assertEquals(KvmExit.MMIO, vcpu.run().exitReason());
          assertTrue(vcpu.run().mmioIsWrite());
          assertEquals(0x20000, vcpu.run().mmioAddress());

          assertEquals(0, vcpu.tryRun(state));
          assertEquals(KvmExit.IO, vcpu.run().exitReason());

          file.setLength(0); // cut while it is mapped
          long result = vcpu.tryRun(state);
          // A KVM that emulates the guest's instructions takes it for an access to a device.
          assertTrue(
              result == -Errno.EFAULT
                  || (vcpu.run().exitReason() == KvmExit.MMIO && !vcpu.run().mmioIsWrite()),
              () -> result + ", " + KvmExit.name(vcpu.run().exitReason()));
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
