package io.jvmm.vmm.cli.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.memory.GuestRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryUseTest {
  private static final String SMAPS =
      """
      555500000000-555500002000 r-xp 00000000 fd:01 1234   /opt/jdk/bin/java: odd name
      Size:                  8 kB
      KernelPageSize:        4 kB
      Rss:                   8 kB
      Pss:                   2 kB
      Pss_Dirty:             0 kB
      Shared_Clean:          8 kB
      Private_Clean:         0 kB
      Private_Dirty:         0 kB
      VmFlags: rd ex mr mw me sd
      7f0000000000-7f0010000000 rw-p 00000000 00:00 0
      Rss:              100000 kB
      Pss:              100000 kB
      Private_Dirty:    100000 kB
      VmFlags: rd wr mr mw me ac sd
      7f0010000000-7f0010100000 rw-p 00000000 00:00 0                          [heap]
      Rss:                 512 kB
      Pss:                 511 kB
      Private_Dirty:       510 kB
      THPeligible:    0
      7f0020000000-7f0030000000 rw-p 00000000 00:00 0   [anon:x y]
      Rss:                1000 kB
      Pss:                1000 kB
      Private_Dirty:      1000 kB
      ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
      Rss:                   4 kB
      Pss:                   0 kB
      Private_Dirty:         0 kB
      """;

  private static GuestRegion region(long hva, long length) {
    return new GuestRegion(0, hva, length);
  }

  @Test
  void everythingIsAddedUp() {
    assertEquals(new MemoryUse(101524, 101513, 101510), MemoryUse.of(SMAPS, List.of()));
  }

  @Test
  void guestRamIsLeftOut() {
    List<GuestRegion> guest = List.of(region(0x7f00_0000_0000L, 0x1000_0000));
    assertEquals(new MemoryUse(1524, 1513, 1510), MemoryUse.of(SMAPS, guest));
  }

  @Test
  void aMappingThatOverlapsGuestRamIsTheGuests() {
    List<GuestRegion> guest =
        List.of(region(0x7f00_0000_0000L, 0x1000_1000), region(0x7f00_2FFF_F000L, 0x1000));
    assertEquals(new MemoryUse(12, 2, 0), MemoryUse.of(SMAPS, guest));
  }

  @Test
  void neighboursOfGuestRamAreNot() {
    List<GuestRegion> guest = List.of(region(0x7f00_1010_0000L, 0xFF0_0000));
    assertEquals(new MemoryUse(101524, 101513, 101510), MemoryUse.of(SMAPS, guest));
  }

  @Test
  void thisProcessIsRead() throws IOException {
    MemoryUse use = MemoryUse.of(Files.readString(Path.of("/proc/self/smaps")), List.of());
    assertTrue(
        use.rssKib() >= use.pssKib() && use.pssKib() >= use.privateDirtyKib(), use::toString);
    assertTrue(use.privateDirtyKib() > 0, use::toString);
  }
}
