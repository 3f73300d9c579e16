package io.jvmm.boot.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.boot.Hex;
import io.jvmm.boot.MachineLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layouts are those of the MultiProcessor Specification 1.4, chapter 4, written out. */
class MpTableTest {
  @Test
  void twoCpusGiveTheBytesWorkedOutByHand() {
    byte[] table = MpTable.bytes(2);

    assertEquals("5f 4d 50 5f 10 fc 09 00 01 04", Hex.of(table, 0, 10)); // _MP_, 0x9fc10, 1, 1.4
    assertEquals("00 00 00 00 00", Hex.of(table, 11, 5)); // no default configuration, no PIC mode
    assertEquals("50 43 4d 50", Hex.of(table, 16, 4)); // PCMP
    assertEquals("34 01 04", Hex.of(table, 20, 3)); // 44 + 2 * 20 + 28 * 8 = 308 bytes, 1.4
    assertEquals("1e 00 00 00 e0 fe", Hex.of(table, 16 + 34, 6)); // 30 entries, local APIC
    assertEquals(
        "00 00 14 03 00 00 00 00 01 02 00 00 00 00 00 00 00 00 00 00", Hex.of(table, 60, 20));
    assertEquals("00 01 14 01", Hex.of(table, 80, 4)); // the second is no bootstrap CPU
    assertEquals("01 00 49 53 41 20 20 20", Hex.of(table, 100, 8)); // bus 0: ISA
    assertEquals("02 00 11 01 00 00 c0 fe", Hex.of(table, 108, 8)); // IOAPIC 0
    assertEquals("03 00 00 00 00 00 00 00", Hex.of(table, 116, 8)); // IRQ 0 to input 0
    assertEquals("03 00 00 00 00 17 00 17", Hex.of(table, 116 + 23 * 8, 8)); // IRQ 23 to input 23
    assertEquals("04 03 00 00 00 00 ff 00", Hex.of(table, 308, 8)); // ExtINT to LINT0
    assertEquals("04 01 00 00 00 00 ff 01", Hex.of(table, 316, 8)); // NMI to LINT1
    assertEquals(324, table.length);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 31, MachineLayout.CPUS_MAX})
  void bothChecksumsAreZero(int cpus) {
    byte[] table = MpTable.bytes(cpus);

    assertEquals(0, sum(table, 0, 16));
    assertEquals(0, sum(table, 16, table.length));
  }

  private static byte sum(byte[] bytes, int from, int to) {
    byte sum = 0;
    for (int i = from; i < to; i++) {
      sum += bytes[i];
    }
    return sum;
  }
}
