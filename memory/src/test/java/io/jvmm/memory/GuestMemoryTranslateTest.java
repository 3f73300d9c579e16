package io.jvmm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The one check of every guest address, against a model that cannot overflow. */
class GuestMemoryTranslateTest {
  private static final long LOW = 0x40_0000; // where RAM ends and the hole begins
  private static final long HIGH = 0x100_0000; // where RAM goes on
  private static final long HIGH_LENGTH = 0x10_0000;
  private static final long UNMAPPED = GuestMemory.UNMAPPED;

  private static final GuestMemory BOTH =
      GuestMemory.allocate(LOW + HIGH_LENGTH, LOW, HIGH, GuestMemory.Backing.ANONYMOUS);
  private static final GuestMemory ONE =
      GuestMemory.allocate(LOW - 0x1000, LOW, HIGH, GuestMemory.Backing.ANONYMOUS);

  @AfterAll
  static void close() {
    BOTH.close();
    ONE.close();
  }

  /** What {@link GuestMemory#translate} has to answer. */
  private static long model(GuestMemory memory, long gpa, long length) {
    BigInteger start = unsigned(gpa);
    BigInteger end = start.add(unsigned(length));
    for (int i = 0; i < memory.regionCount(); i++) {
      GuestRegion region = memory.region(i);
      BigInteger regionStart = unsigned(region.gpa());
      BigInteger regionEnd = regionStart.add(unsigned(region.length()));
      boolean startsInside = start.compareTo(regionStart) >= 0 && start.compareTo(regionEnd) < 0;
      if (startsInside && end.compareTo(regionEnd) <= 0) {
        return region.hva() + (gpa - region.gpa());
      }
    }
    return UNMAPPED;
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  private static void agrees(GuestMemory memory, long gpa, long length) {
    assertEquals(
        model(memory, gpa, length),
        memory.translate(gpa, length),
        () -> Long.toHexString(gpa) + " + " + Long.toHexString(length));
  }

  @Test
  void rangesInsideTheLowRegionAreThere() {
    long hva = BOTH.region(0).hva();
    assertEquals(hva, BOTH.translate(0, 1));
    assertEquals(hva, BOTH.translate(0, LOW));
    assertEquals(hva + LOW - 1, BOTH.translate(LOW - 1, 1));
    assertEquals(hva + 8, BOTH.translate(8, 0));
  }

  @Test
  void rangesInsideTheHighRegionAreThere() {
    long hva = BOTH.region(1).hva();
    assertEquals(hva, BOTH.translate(HIGH, HIGH_LENGTH));
    assertEquals(hva + HIGH_LENGTH - 1, BOTH.translate(HIGH + HIGH_LENGTH - 1, 1));
  }

  @Test
  void theHoleIsNotThere() {
    assertEquals(UNMAPPED, BOTH.translate(LOW, 1));
    assertEquals(UNMAPPED, BOTH.translate(LOW, 0));
    assertEquals(UNMAPPED, BOTH.translate(HIGH - 1, 1));
    assertEquals(UNMAPPED, BOTH.translate((LOW + HIGH) / 2, 8));
  }

  @Test
  void aRangeThatLeavesItsRegionIsRefused() {
    assertEquals(UNMAPPED, BOTH.translate(LOW - 1, 2));
    assertEquals(UNMAPPED, BOTH.translate(0, LOW + 1));
    assertEquals(UNMAPPED, BOTH.translate(HIGH - 1, 2), "from the hole into RAM");
    assertEquals(UNMAPPED, BOTH.translate(LOW - 1, HIGH - LOW + 2), "over the hole");
    assertEquals(UNMAPPED, BOTH.translate(HIGH + HIGH_LENGTH - 1, 2));
    assertEquals(UNMAPPED, BOTH.translate(HIGH + HIGH_LENGTH, 1));
  }

  @Test
  void hostileNumbersAreAnsweredNotThrownAt() {
    long[] hostile = {
      Long.MIN_VALUE,
      Long.MIN_VALUE + 1,
      -1,
      -2,
      -4096,
      Long.MAX_VALUE,
      Long.MAX_VALUE - 1,
      0x8000_0000L,
      0xFFFF_FFFFL,
      0x1_0000_0000L,
      1L << 52,
      -HIGH,
      -LOW,
      HIGH - 1,
      LOW - 1
    };
    for (long gpa : hostile) {
      for (long length : hostile) {
        agrees(BOTH, gpa, length);
        agrees(ONE, gpa, length);
      }
      agrees(BOTH, gpa, 0);
      agrees(BOTH, 0, gpa);
      agrees(BOTH, HIGH, gpa);
      agrees(BOTH, LOW - 1, gpa);
    }
  }

  @Test
  void everyBoundaryIsTheModels() {
    long[] edges = {0, LOW - 0x1000, LOW, HIGH, HIGH + HIGH_LENGTH};
    for (long from : edges) {
      for (long to : edges) {
        for (int i = -2; i <= 2; i++) {
          for (int j = -2; j <= 2; j++) {
            agrees(BOTH, from + i, to - from + j);
            agrees(ONE, from + i, to - from + j);
          }
        }
      }
    }
  }

  @Test
  void anyRangeIsTheModels() {
    Random random = new Random(11);
    for (int i = 0; i < 200_000; i++) {
      long gpa = random.nextLong() >>> random.nextInt(64);
      long length = random.nextLong() >>> random.nextInt(64);
      agrees(BOTH, gpa, length);
      agrees(BOTH, random.nextLong(HIGH + 2 * HIGH_LENGTH), random.nextLong(LOW));
      agrees(ONE, gpa, length);
    }
  }

  @Test
  void checkThrowsWhatTranslateRefuses() {
    assertEquals(BOTH.region(0).hva() + 16, BOTH.check(16, 16));
    GuestAddressException e =
        assertThrows(GuestAddressException.class, () -> BOTH.check(LOW - 1, -1));
    assertEquals(
        "guest range 0x3fffff + 18446744073709551615 bytes is not in guest RAM", e.getMessage());
  }
}
