package io.jvmm.boot.acpi;

import static io.jvmm.boot.MachineLayout.I8042_COMMAND_PORT;
import static io.jvmm.boot.MachineLayout.I8042_RESET;
import static io.jvmm.boot.MachineLayout.SLEEP_CONTROL_PORT;
import static io.jvmm.boot.MachineLayout.SLEEP_STATUS_PORT;

import java.nio.ByteBuffer;

/**
 * The fixed ACPI description (ACPI 6.4, 5.2.9) of a hardware-reduced machine: no fixed hardware but
 * the sleep and reset registers, so all PM1, timer and GPE fields are 0.
 */
final class Fadt {
  /** Bytes of revision 6. */
  static final int SIZE = 276;

  static final int REVISION = 6;
  static final int DSDT = 40;
  static final int IAPC_BOOT_ARCH = 109;
  static final int FLAGS = 112;
  static final int RESET_REG = 116;
  static final int RESET_VALUE = 128;
  static final int MINOR_VERSION = 131;
  static final int X_DSDT = 140;
  static final int SLEEP_CONTROL_REG = 244;
  static final int SLEEP_STATUS_REG = 256;
  static final int HYPERVISOR_ID = 268;

  private static final int WBINVD = 1;

  /** C1 works on all CPUs: a {@code hlt} is what a guest idles by. */
  private static final int PROC_C1 = 1 << 2;

  /** The power button is not fixed hardware, but a device. */
  private static final int PWR_BUTTON = 1 << 4;

  /** There is no sleep button in fixed hardware. */
  private static final int SLP_BUTTON = 1 << 5;

  /** The clock's wake-up is not in fixed hardware. */
  private static final int FIX_RTC = 1 << 6;

  private static final int RESET_REG_SUP = 1 << 10;
  private static final int HW_REDUCED_ACPI = 1 << 20;

  /** No video memory to be probed. */
  private static final int VGA_NOT_PRESENT = 1 << 2;

  /*
   * The other flags of IAPC_BOOT_ARCH are 0 with intent. "8042": the controller here does nothing
   * but reset, and a kernel that is told so spares itself the probing. "CMOS RTC not present":
   * there is one. "MSI not supported": nothing stands against it. "Legacy devices": what there is
   * of them, the DSDT names.
   */

  private static final int SYSTEM_IO = 1;
  private static final int ACCESS_BYTE = 1;

  private Fadt() {}

  /** Writes the table's fields after its header, at the buffer's position 0. */
  static void write(ByteBuffer table, long dsdtGpa) {
    table.putInt(DSDT, (int) dsdtGpa);
    table.putShort(IAPC_BOOT_ARCH, (short) VGA_NOT_PRESENT);
    table.putInt(
        FLAGS,
        WBINVD | PROC_C1 | PWR_BUTTON | SLP_BUTTON | FIX_RTC | RESET_REG_SUP | HW_REDUCED_ACPI);
    portRegister(table, RESET_REG, I8042_COMMAND_PORT);
    table.put(RESET_VALUE, (byte) I8042_RESET);
    table.put(MINOR_VERSION, (byte) 4);
    table.putLong(X_DSDT, dsdtGpa);
    portRegister(table, SLEEP_CONTROL_REG, SLEEP_CONTROL_PORT);
    portRegister(table, SLEEP_STATUS_REG, SLEEP_STATUS_PORT);
    AcpiTables.text(table, HYPERVISOR_ID, "JVMM", Long.BYTES);
  }

  /** A Generic Address Structure (5.2.3.2): one byte in I/O space. */
  private static void portRegister(ByteBuffer table, int at, int port) {
    table.put(at, (byte) SYSTEM_IO);
    table.put(at + 1, (byte) Byte.SIZE);
    table.put(at + 3, (byte) ACCESS_BYTE);
    table.putLong(at + 4, port);
  }
}
