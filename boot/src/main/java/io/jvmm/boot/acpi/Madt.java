package io.jvmm.boot.acpi;

import static io.jvmm.boot.MachineLayout.IOAPIC;
import static io.jvmm.boot.MachineLayout.IOAPIC_ID;
import static io.jvmm.boot.MachineLayout.LOCAL_APIC;

import java.nio.ByteBuffer;

/**
 * The interrupt controllers (ACPI 6.4, 5.2.12): a local APIC for each CPU, whose id is the CPU's
 * index, and one IOAPIC that has all inputs.
 *
 * <p>No overrides: input and ISA interrupt are the same number, edge-triggered and active high, and
 * there is no timer on input 2. The flag for a PC's pair of 8259s is not set: nothing is wired to
 * them.
 */
final class Madt {
  static final int REVISION = 5;

  private static final int HEADER_SIZE = 44;
  private static final int LOCAL_APIC_SIZE = 8;
  private static final int IOAPIC_SIZE = 12;
  private static final int NMI_SIZE = 6;
  private static final int TYPE_LOCAL_APIC = 0;
  private static final int TYPE_IOAPIC = 1;
  private static final int TYPE_LOCAL_APIC_NMI = 4;
  private static final int ENABLED = 1;
  private static final int ALL_PROCESSORS = 0xFF;
  private static final int LINT1 = 1;

  private Madt() {}

  static int size(int cpus) {
    return HEADER_SIZE + cpus * LOCAL_APIC_SIZE + IOAPIC_SIZE + NMI_SIZE;
  }

  /** Writes what follows the table's header. */
  static void write(ByteBuffer table, int cpus) {
    table.position(AcpiTables.HEADER_SIZE);
    table.putInt((int) LOCAL_APIC).putInt(0);
    for (int id = 0; id < cpus; id++) {
      structure(table, TYPE_LOCAL_APIC, LOCAL_APIC_SIZE);
      table.put((byte) id).put((byte) id).putInt(ENABLED);
    }
    structure(table, TYPE_IOAPIC, IOAPIC_SIZE);
    table.put((byte) IOAPIC_ID).put((byte) 0).putInt((int) IOAPIC).putInt(0);
    structure(table, TYPE_LOCAL_APIC_NMI, NMI_SIZE);
    table.put((byte) ALL_PROCESSORS).putShort((short) 0).put((byte) LINT1);
  }

  private static void structure(ByteBuffer table, int type, int size) {
    table.put((byte) type).put((byte) size);
  }
}
