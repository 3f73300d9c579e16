package io.jvmm.boot.acpi;

import static io.jvmm.boot.MachineLayout.PCI_CONFIG;

import java.nio.ByteBuffer;

/** Where the memory-mapped PCI configuration space is (PCI Firmware 3.3, 4.1.2): one bus. */
final class Mcfg {
  static final int REVISION = 1;

  private static final int BASE_ADDRESS = 44; // after the header and eight reserved bytes
  static final int SIZE = BASE_ADDRESS + 16;

  private Mcfg() {}

  /** Writes what follows the table's header: segment 0, buses 0 to 0, are zeros. */
  static void write(ByteBuffer table) {
    table.putLong(BASE_ADDRESS, PCI_CONFIG);
  }
}
