package io.jvmm.boot.acpi;

import static io.jvmm.boot.MachineLayout.COM1_GSI;
import static io.jvmm.boot.MachineLayout.COM1_PORT;
import static io.jvmm.boot.MachineLayout.COM1_PORT_COUNT;
import static io.jvmm.boot.MachineLayout.PCI_BARS;
import static io.jvmm.boot.MachineLayout.PCI_BARS_SIZE;
import static io.jvmm.boot.MachineLayout.PCI_CONFIG;
import static io.jvmm.boot.MachineLayout.PCI_CONFIG_SIZE;
import static io.jvmm.boot.MachineLayout.POWER_BUTTON_GSI;
import static io.jvmm.boot.MachineLayout.PVPANIC_PORT;
import static io.jvmm.boot.MachineLayout.RTC_GSI;
import static io.jvmm.boot.MachineLayout.RTC_PORT;
import static io.jvmm.boot.MachineLayout.RTC_PORT_COUNT;
import static io.jvmm.boot.MachineLayout.SLEEP_TYPE_S5;
import static io.jvmm.boot.MachineLayout.VIRTIO_MMIO_SLOT_SIZE;

import io.jvmm.boot.VirtioMmioSlot;
import java.util.List;

/**
 * The differentiated system description: every device of the machine, each as a method of its own.
 *
 * <p>Interrupts are extended descriptors, edge and active high, for legacy ones too: a kernel takes
 * them as they stand, and asks no interrupt override.
 */
final class Dsdt {
  /** Present, enabled and working, but not shown to a user (ACPI 6.4, 6.3.7). */
  private static final int PRESENT_HIDDEN = 0xB;

  /** "The power button was pressed" (ACPI 6.4, 5.6.6, device-specific notification 0x80). */
  private static final int BUTTON_PRESSED = 0x80;

  private Dsdt() {}

  /** The AML after the table's header. */
  static byte[] body(List<VirtioMmioSlot> slots, boolean hasPci) {
    Aml aml = new Aml();
    softOff(aml);
    aml.scope("\\_SB");
    serialPort(aml);
    clock(aml);
    panicPort(aml);
    powerButton(aml);
    for (int i = 0; i < slots.size(); i++) {
      virtioMmio(aml, i, slots.get(i));
    }
    if (hasPci) {
      pci(aml);
    }
    aml.end();
    return aml.bytes();
  }

  /** The sleep type that powers off; a package of four by its definition (7.4.2). */
  private static void softOff(Aml aml) {
    aml.name("\\_S5").beginPackage(4);
    aml.integer(SLEEP_TYPE_S5).integer(0).integer(0).integer(0).end();
  }

  private static void serialPort(Aml aml) {
    aml.device("COM1").name("_HID").eisaId("PNP0501").name("_UID", 0).name("_CRS");
    aml.resources(new Resources().ports(COM1_PORT, COM1_PORT_COUNT).interrupt(COM1_GSI)).end();
  }

  private static void clock(Aml aml) {
    aml.device("RTC").name("_HID").eisaId("PNP0B00").name("_CRS");
    aml.resources(new Resources().ports(RTC_PORT, RTC_PORT_COUNT).interrupt(RTC_GSI)).end();
  }

  private static void panicPort(Aml aml) {
    aml.device("PEVT").name("_HID", "QEMU0001").name("_STA", PRESENT_HIDDEN).name("_CRS");
    aml.resources(new Resources().ports(PVPANIC_PORT, 1)).end();
  }

  /** A button, and the generic event device whose one interrupt means that it was pressed. */
  private static void powerButton(Aml aml) {
    aml.device("PWRB").name("_HID").eisaId("PNP0C0C").name("_UID", 0).end();
    aml.device("GED").name("_HID", "ACPI0013").name("_UID", 0).name("_CRS");
    aml.resources(new Resources().interrupt(POWER_BUTTON_GSI));
    aml.method("_EVT", 1).notify("\\_SB.PWRB", BUTTON_PRESSED).end();
    aml.end();
  }

  /**
   * The host bridge, and a motherboard device that claims the configuration space: a kernel
   * believes the MCFG table only where one does (PCI Firmware 3.3, 4.1.2). No interrupt routing:
   * functions here have messages alone.
   */
  private static void pci(Aml aml) {
    aml.device("PCI0").name("_HID").eisaId("PNP0A03").name("_UID", 0).name("_SEG", 0);
    aml.name("_BBN", 0).name("_CRS");
    aml.resources(new Resources().busNumbers(0, 0).memoryWindow(PCI_BARS, PCI_BARS_SIZE)).end();
    aml.device("MBRD").name("_HID").eisaId("PNP0C02").name("_UID", 0).name("_CRS");
    aml.resources(new Resources().memory(PCI_CONFIG, PCI_CONFIG_SIZE)).end();
  }

  private static void virtioMmio(Aml aml, int index, VirtioMmioSlot slot) {
    String name = "VR" + (char) ('0' + index / 10) + (char) ('0' + index % 10);
    aml.device(name).name("_HID", "LNRO0005").name("_UID", index).name("_CRS");
    aml.resources(new Resources().memory(slot.gpa(), VIRTIO_MMIO_SLOT_SIZE).interrupt(slot.gsi()));
    aml.end();
  }
}
