package io.jvmm.boot.acpi;

import io.jvmm.boot.VirtioMmioSlot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * All ACPI tables as one run of bytes, which begins with the RSDP; each table begins at a multiple
 * of 16.
 */
public final class AcpiTables {
  /** Bytes of the header that each table but the RSDP has (ACPI 6.4, 5.2.6). */
  static final int HEADER_SIZE = 36;

  private static final int LENGTH = 4;
  private static final int REVISION = 8;
  private static final int CHECKSUM = 9;
  private static final int OEM_ID = 10;
  private static final int OEM_TABLE_ID = 16;
  private static final int OEM_REVISION = 24;
  private static final int CREATOR_ID = 28;
  private static final int CREATOR_REVISION = 32;
  private static final String OEM = "JVMM  ";

  private static final int RSDP_SIZE = 36;
  private static final int RSDP_SIZE_REVISION_0 = 20;
  private static final int RSDP_REVISION = 2;
  private static final int DSDT_REVISION = 2; // integers of 64 bits

  private AcpiTables() {}

  /**
   * The tables of a machine.
   *
   * @param gpa where the bytes will lie, a multiple of 16 below 4 GiB
   * @param cpus how many local APICs there are, with ids from 0
   * @param slots the virtio-mmio devices
   * @param hasPci whether there is a PCI bus
   */
  public static byte[] bytes(long gpa, int cpus, List<VirtioMmioSlot> slots, boolean hasPci) {
    byte[] dsdtBody = Dsdt.body(slots, hasPci);
    int xsdtSize = HEADER_SIZE + (hasPci ? 3 : 2) * Long.BYTES;
    int xsdt = align(RSDP_SIZE);
    int fadt = align(xsdt + xsdtSize);
    int madt = align(fadt + Fadt.SIZE);
    int mcfg = align(madt + Madt.size(cpus));
    int dsdt = hasPci ? align(mcfg + Mcfg.SIZE) : mcfg;
    byte[] bytes = new byte[dsdt + HEADER_SIZE + dsdtBody.length];

    ByteBuffer table = table(bytes, fadt, Fadt.SIZE);
    Fadt.write(table, gpa + dsdt);
    header(table, bytes, fadt, "FACP", Fadt.REVISION);

    table = table(bytes, madt, Madt.size(cpus));
    Madt.write(table, cpus);
    header(table, bytes, madt, "APIC", Madt.REVISION);

    if (hasPci) {
      table = table(bytes, mcfg, Mcfg.SIZE);
      Mcfg.write(table);
      header(table, bytes, mcfg, "MCFG", Mcfg.REVISION);
    }

    table = table(bytes, dsdt, HEADER_SIZE + dsdtBody.length);
    table.put(HEADER_SIZE, dsdtBody);
    header(table, bytes, dsdt, "DSDT", DSDT_REVISION);

    table = table(bytes, xsdt, xsdtSize);
    table.putLong(HEADER_SIZE, gpa + fadt);
    table.putLong(HEADER_SIZE + Long.BYTES, gpa + madt);
    if (hasPci) {
      table.putLong(HEADER_SIZE + 2 * Long.BYTES, gpa + mcfg);
    }
    header(table, bytes, xsdt, "XSDT", 1);

    rsdp(table(bytes, 0, RSDP_SIZE), bytes, gpa + xsdt);
    return bytes;
  }

  /** The Root System Description Pointer (5.2.5.3), with a checksum for each of its two lengths. */
  private static void rsdp(ByteBuffer table, byte[] bytes, long xsdtGpa) {
    text(table, 0, "RSD PTR ", 8);
    text(table, 9, OEM, OEM.length());
    table.put(15, (byte) RSDP_REVISION);
    table.putInt(20, RSDP_SIZE);
    table.putLong(24, xsdtGpa);
    table.put(8, checksum(bytes, 0, RSDP_SIZE_REVISION_0));
    table.put(32, checksum(bytes, 0, RSDP_SIZE));
  }

  /** Fills the header in; the rest of the table must be complete, for the checksum covers it. */
  private static void header(
      ByteBuffer table, byte[] bytes, int offset, String signature, int revision) {
    int length = table.limit();
    text(table, 0, signature, 4);
    table.putInt(LENGTH, length);
    table.put(REVISION, (byte) revision);
    text(table, OEM_ID, OEM, OEM.length());
    text(table, OEM_TABLE_ID, "JVMM" + signature, 8);
    table.putInt(OEM_REVISION, 1);
    text(table, CREATOR_ID, "JVMM", 4);
    table.putInt(CREATOR_REVISION, 1);
    table.put(CHECKSUM, checksum(bytes, offset, length));
  }

  private static ByteBuffer table(byte[] bytes, int offset, int length) {
    return ByteBuffer.wrap(bytes, offset, length).slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes ASCII text, cut or filled up with zeros. */
  static void text(ByteBuffer table, int at, String text, int length) {
    for (int i = 0; i < length; i++) {
      table.put(at + i, (byte) (i < text.length() ? text.charAt(i) : 0));
    }
  }

  /** The byte that makes the sum of all bytes 0. */
  private static byte checksum(byte[] bytes, int offset, int length) {
    int sum = 0;
    for (int i = offset; i < offset + length; i++) {
      sum += bytes[i];
    }
    return (byte) -sum;
  }

  private static int align(int offset) {
    return (offset + 15) & -16;
  }
}
