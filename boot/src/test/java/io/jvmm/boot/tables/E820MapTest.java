package io.jvmm.boot.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class E820MapTest {
  private static final long GIB = 1L << 30;

  @Test
  void aSmallMachineHasRamBelowAndAboveTheFirstMegabytesHole() {
    assertEquals(
        """
        0 + 9fc00 = 1
        9fc00 + 400 = 2
        e0000 + 20000 = 3
        100000 + 3f00000 = 1
        fffbc000 + 4000 = 2
        """,
        text(new E820Map(64 << 20, 0)));
  }

  @Test
  void whatDoesNotFitBelowTheHoleGoesOnAt4GiB() {
    E820Map map = new E820Map(0xD000_0000L, 6 * GIB - 0xD000_0000L);
    assertEquals("100000 + cff00000 = 1", line(map, 3));
    assertEquals("100000000 + b0000000 = 1", line(map, 5));
    assertEquals(E820Map.ENTRIES_MAX, map.count());
  }

  @Test
  void entriesAreInOrderAndDoNotOverlap() {
    E820Map map = new E820Map(0xD000_0000L, GIB);
    for (int i = 1; i < map.count(); i++) {
      assertTrue(map.base(i - 1) + map.length(i - 1) <= map.base(i));
    }
  }

  private static String text(E820Map map) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < map.count(); i++) {
      text.append(line(map, i)).append('\n');
    }
    return text.toString();
  }

  private static String line(E820Map map, int i) {
    return Long.toHexString(map.base(i))
        + " + "
        + Long.toHexString(map.length(i))
        + " = "
        + map.type(i);
  }
}
