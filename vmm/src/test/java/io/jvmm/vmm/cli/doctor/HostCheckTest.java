package io.jvmm.vmm.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HostCheckTest {
  @Test
  void aVirtualMachineHasTheHypervisorFlag() {
    assertTrue(HostCheck.isVirtualMachine("x\nflags\t\t: fpu hypervisor lm\nbugs\t: none\n"));
    assertTrue(HostCheck.isVirtualMachine("x\nflags\t\t: fpu hypervisor\nbugs\t: none\n"));
    assertFalse(HostCheck.isVirtualMachine("x\nflags\t\t: fpu lm\nbugs\t: hypervisor \n"));
    assertFalse(HostCheck.isVirtualMachine("x\nflags\t\t: fpu my_hypervisor_x\nbugs\t: none\n"));
    assertFalse(HostCheck.isVirtualMachine(""));
  }

  @Test
  void aNumberIsFoundAfterItsLabel() {
    assertEquals(12, HostCheck.number("MemFree: 7 kB\nMemAvailable:   12 kB\n", "MemAvailable:"));
    assertEquals(1024, HostCheck.number("Max open files   1024   4096 files", "Max open files"));
    assertEquals(0, HostCheck.number("Max open files   unlimited", "Max open files"));
    assertEquals(0, HostCheck.number("", "x"));
  }

  @Test
  void aFindingHasItsAdviceBelowIt() {
    assertEquals("ok    kvm        opens\n", Finding.ok("kvm", "opens").lines());
    assertEquals(
        "fail  linux      cannot\n                 -> buy one\n",
        Finding.fail("linux", "cannot", "buy one").lines());
    assertEquals("warn  tap        no\n", Finding.warn("tap", "no", "").lines());
  }
}
