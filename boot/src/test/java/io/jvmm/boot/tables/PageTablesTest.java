package io.jvmm.boot.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTablesTest {
  private static final long GPA = 0x9000;
  private static final long[] ENTRIES = PageTables.entries(GPA);

  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        0x7000,
        0x2_0000,
        0x10_0000,
        0x100_0000,
        0x3FFF_FFFF,
        0x4000_0000,
        0xCFFF_FFFFL,
        0xFEC0_0000L,
        0xFFFF_FFFFL
      })
  void anAddressBelow4GiBIsMappedToItself(long address) {
    assertEquals(address, walk(address));
  }

  @ParameterizedTest
  @ValueSource(longs = {0x1_0000_0000L, 0x80_0000_0000L, 0x7FFF_FFFF_F000L})
  void anAddressAboveIsNotMapped(long address) {
    assertEquals(-1, walk(address));
  }

  @Test
  void theFirstEntriesAreThoseWorkedOutByHand() {
    assertEquals(0xA003, ENTRIES[0]);
    assertEquals(0xB003, ENTRIES[512]);
    assertEquals(0xE003, ENTRIES[515]);
    assertEquals(0x83, ENTRIES[1024]);
    assertEquals(0x20_0083, ENTRIES[1025]);
    assertEquals(0xFFE0_0083L, ENTRIES[3071]);
  }

  /** As a CPU does it, with 4-level paging: -1 where an entry is not present. */
  private static long walk(long address) {
    long table = GPA;
    for (int level = 3; level >= 1; level--) {
      long entry = ENTRIES[(int) ((table - GPA) / 8) + (int) (address >>> (12 + 9 * level) & 511)];
      if ((entry & 3) != 3) {
        return -1;
      }
      if ((entry & 0x80) != 0) {
        long pageMask = (1L << (12 + 9 * level)) - 1;
        return (entry & ~0xFFFL & ~pageMask) | (address & pageMask);
      }
      table = entry & ~0xFFFL;
    }
    return -1;
  }
}
