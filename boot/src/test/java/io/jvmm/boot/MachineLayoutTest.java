package io.jvmm.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.boot.acpi.AcpiTables;
import io.jvmm.boot.tables.MpTable;
import io.jvmm.boot.tables.PageTables;
import io.jvmm.boot.tables.SegmentDescriptor;
import io.jvmm.boot.tables.ZeroPage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MachineLayoutTest {
  private record Range(String name, long start, long length) {
    long end() {
      return start + length;
    }
  }

  /** In order of address; what follows must begin where or after the one before ends. */
  private static final List<Range> RANGES =
      List.of(
          new Range("GDT", MachineLayout.GDT, SegmentDescriptor.GDT_SIZE),
          new Range("start info", MachineLayout.START_INFO, MachineLayout.START_INFO_SIZE),
          new Range("zero page", MachineLayout.ZERO_PAGE, ZeroPage.SIZE),
          new Range("stack", MachineLayout.BOOT_STACK, MachineLayout.BOOT_STACK_SIZE),
          new Range("page tables", MachineLayout.PAGE_TABLES, PageTables.SIZE),
          new Range("command line", MachineLayout.COMMAND_LINE, MachineLayout.COMMAND_LINE_SIZE),
          new Range("MP table", MachineLayout.MP_TABLE, MachineLayout.MP_TABLE_SIZE),
          new Range("video memory and ROMs", 0xA_0000, 0x4_0000),
          new Range("ACPI tables", MachineLayout.ACPI_TABLES, MachineLayout.ACPI_TABLES_SIZE),
          new Range(
              "kernel",
              MachineLayout.KERNEL_MIN,
              MachineLayout.HOLE_START - MachineLayout.KERNEL_MIN),
          new Range(
              "virtio-mmio",
              MachineLayout.VIRTIO_MMIO_START,
              (long) MachineLayout.VIRTIO_DEVICES_MAX * MachineLayout.VIRTIO_MMIO_SLOT_SIZE),
          new Range("PCI configuration", MachineLayout.PCI_CONFIG, MachineLayout.PCI_CONFIG_SIZE),
          new Range("PCI BARs", MachineLayout.PCI_BARS, MachineLayout.PCI_BARS_SIZE),
          new Range("IOAPIC", MachineLayout.IOAPIC, 0x1000),
          new Range("local APIC", MachineLayout.LOCAL_APIC, 0x1000),
          new Range(
              "KVM's page and TSS",
              MachineLayout.KVM_IDENTITY_MAP,
              MachineLayout.KVM_RESERVED_SIZE));

  @Test
  void nothingInTheAddressSpaceOverlaps() {
    for (int i = 1; i < RANGES.size(); i++) {
      Range before = RANGES.get(i - 1);
      Range range = RANGES.get(i);
      assertTrue(before.end() <= range.start(), before.name() + " reaches into " + range.name());
    }
    assertTrue(RANGES.getLast().end() <= MachineLayout.HOLE_END);
  }

  @Test
  void theLargestTablesFitIntoWhatIsKeptForThem() {
    List<VirtioMmioSlot> slots = new ArrayList<>();
    for (int i = 0; i < MachineLayout.VIRTIO_DEVICES_MAX; i++) {
      slots.add(
          new VirtioMmioSlot(MachineLayout.virtioMmioAddress(i), MachineLayout.virtioMmioGsi(i)));
    }
    assertTrue(MpTable.size(MachineLayout.CPUS_MAX) <= MachineLayout.MP_TABLE_SIZE);
    assertTrue(
        AcpiTables.bytes(MachineLayout.ACPI_TABLES, MachineLayout.CPUS_MAX, slots, true).length
            <= MachineLayout.RESET_VECTOR - MachineLayout.ACPI_TABLES);
  }

  @Test
  void eachVirtioDeviceHasAnInterruptThatNobodyElseHas() {
    Set<Integer> taken =
        new HashSet<>(
            Set.of(MachineLayout.COM1_GSI, MachineLayout.RTC_GSI, MachineLayout.POWER_BUTTON_GSI));
    for (int i = 0; i < MachineLayout.VIRTIO_DEVICES_MAX; i++) {
      int gsi = MachineLayout.virtioMmioGsi(i);
      assertTrue(taken.add(gsi), "interrupt " + gsi + " is taken");
      assertTrue(gsi >= 5 && gsi < MachineLayout.GSI_COUNT);
    }
    assertEquals(5, MachineLayout.virtioMmioGsi(0));
    assertEquals(10, MachineLayout.virtioMmioGsi(3));
    assertEquals(23, MachineLayout.virtioMmioGsi(MachineLayout.VIRTIO_DEVICES_MAX - 1));
    assertEquals(0xD000_3000L, MachineLayout.virtioMmioAddress(3));
  }

  @Test
  void eachPciDeviceHasItsBarInTheWindow() {
    for (int device = 1; device <= MachineLayout.PCI_DEVICES_MAX; device++) {
      long bar = MachineLayout.pciBarAddress(device);
      assertEquals(0, bar % MachineLayout.PCI_BAR_SIZE);
      assertTrue(bar >= MachineLayout.PCI_BARS);
      assertTrue(
          bar + MachineLayout.PCI_BAR_SIZE <= MachineLayout.PCI_BARS + MachineLayout.PCI_BARS_SIZE);
    }
    assertThrows(IllegalArgumentException.class, () -> MachineLayout.pciBarAddress(0));
    assertThrows(IllegalArgumentException.class, () -> MachineLayout.pciBarAddress(32));
  }

  @Test
  void aVirtioDeviceOutsideTheRangeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> MachineLayout.virtioMmioGsi(-1));
    assertThrows(
        IllegalArgumentException.class,
        () -> MachineLayout.virtioMmioAddress(MachineLayout.VIRTIO_DEVICES_MAX));
  }
}
