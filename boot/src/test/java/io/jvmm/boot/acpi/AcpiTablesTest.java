package io.jvmm.boot.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.boot.Hex;
import io.jvmm.boot.MachineLayout;
import io.jvmm.boot.VirtioMmioSlot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layouts are those of ACPI 6.4, 5.2, written out; iasl reads the same bytes in another test. */
class AcpiTablesTest {
  private static final int GPA = 0xE_0000;
  private static final List<VirtioMmioSlot> SLOTS = List.of(new VirtioMmioSlot(0xD000_0000L, 5));

  private final ByteBuffer tables = tables(2);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, MachineLayout.CPUS_MAX})
  void allChecksumsAreZero(int cpus) {
    ByteBuffer all = tables(cpus);

    assertEquals(0, sum(all, 0, 20));
    assertEquals(0, sum(all, 0, 36));
    for (String signature : List.of("XSDT", "FACP", "APIC", "DSDT")) {
      int at = find(all, signature);
      assertEquals(0, at % 16, signature);
      assertEquals(0, sum(all, at, all.getInt(at + 4)), signature);
    }
  }

  @Test
  void theRsdpBeginsTheRunAndNamesTheXsdt() {
    assertEquals("RSD PTR ", text(tables, 0, 8));
    assertEquals(2, tables.get(15));
    assertEquals(0, tables.getInt(16), "there is no RSDT");
    assertEquals(36, tables.getInt(20));
    assertEquals("XSDT", text(tables, find(tables, "XSDT"), 4));
  }

  @Test
  void theFadtSaysHardwareReducedWithSleepAndResetRegisters() {
    int at = find(tables, "FACP");
    assertEquals(276, tables.getInt(at + 4));
    assertEquals(6, tables.get(at + 8));
    assertEquals(GPA + find(tables, "DSDT"), tables.getInt(at + 40));
    assertEquals(GPA + find(tables, "DSDT"), tables.getLong(at + 140));
    // no VGA; no 8042, an RTC, MSI allowed, nothing undeclared on ISA
    assertEquals(4, tables.getShort(at + 109));
    // WBINVD 0, C1 2, buttons 4 and 5, RTC 6, reset 10, hardware-reduced 20
    assertEquals(
        1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 10 | 1 << 20, tables.getInt(at + 112));
    assertEquals("01 08 00 01 64 00 00 00 00 00 00 00 fe", hex(at + 116, 13));
    assertEquals("01 08 00 01 00 06 00 00 00 00 00 00", hex(at + 244, 12));
    assertEquals("01 08 00 01 01 06 00 00 00 00 00 00", hex(at + 256, 12));
    assertEquals("4a 56 4d 4d 00 00 00 00", hex(at + 268, 8));
  }

  @Test
  void theMadtNamesEachCpuTheIoapicAndTheNmi() {
    int at = find(tables, "APIC");
    assertEquals(
        "00 00 e0 fe 00 00 00 00 " // local APICs' address, no 8259s
            + "00 08 00 00 01 00 00 00 "
            + "00 08 01 01 01 00 00 00 "
            + "01 0c 00 00 00 00 c0 fe 00 00 00 00 "
            + "04 06 ff 00 00 01",
        hex(at + 36, 42));
    assertEquals(36 + 42, tables.getInt(at + 4));
  }

  private static ByteBuffer tables(int cpus) {
    return ByteBuffer.wrap(AcpiTables.bytes(GPA, cpus, SLOTS, false))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Follows the pointers as a kernel does, and answers where in the run a table begins. */
  private static int find(ByteBuffer all, String signature) {
    int xsdt = offset(all.getLong(24));
    if (signature.equals("XSDT")) {
      return xsdt;
    }
    for (int entry = xsdt + 36; entry < xsdt + all.getInt(xsdt + 4); entry += 8) {
      int table = offset(all.getLong(entry));
      if (signature.equals(text(all, table, 4))) {
        return table;
      }
      if (signature.equals("DSDT") && text(all, table, 4).equals("FACP")) {
        return offset(all.getLong(table + 140));
      }
    }
    throw new AssertionError("no table " + signature);
  }

  private static int offset(long gpa) {
    return (int) (gpa - GPA);
  }

  private static String text(ByteBuffer all, int at, int length) {
    return new String(bytes(all, at, length), StandardCharsets.US_ASCII);
  }

  private String hex(int at, int length) {
    return Hex.of(bytes(tables, at, length));
  }

  private static byte[] bytes(ByteBuffer all, int at, int length) {
    byte[] bytes = new byte[length];
    all.get(at, bytes);
    return bytes;
  }

  private static byte sum(ByteBuffer all, int at, int length) {
    byte sum = 0;
    for (int i = at; i < at + length; i++) {
      sum += all.get(i);
    }
    return sum;
  }
}
