package io.jvmm.vmm.cli.stats;

import io.jvmm.memory.GuestRegion;
import java.util.List;

/**
 * What a process uses without its guest's RAM, from {@code /proc/self/smaps}.
 *
 * @param rssKib resident, shared pages in full
 * @param pssKib resident, shared pages divided among those who share them
 * @param privateDirtyKib what is this process's alone and cannot be dropped
 */
public record MemoryUse(long rssKib, long pssKib, long privateDirtyKib) {
  /**
   * Adds up the mappings, but for those where guest RAM lies.
   *
   * @param smaps the text: for each mapping a line that begins with its range, then its fields
   * @param guestRam where it lies in the process; a mapping that only overlaps it counts as the
   *     guest's
   */
  public static MemoryUse of(String smaps, List<GuestRegion> guestRam) {
    long rss = 0;
    long pss = 0;
    long privateDirty = 0;
    boolean counts = false;
    for (String line : smaps.split("\n", -1)) {
      int colon = line.indexOf(':');
      int space = line.indexOf(' ');
      if (space > 0 && (colon < 0 || space < colon)) {
        counts = !isGuest(line.substring(0, space), guestRam);
      } else if (counts) {
        switch (colon < 0 ? "" : line.substring(0, colon)) {
          case "Rss" -> rss += kib(line, colon);
          case "Pss" -> pss += kib(line, colon);
          case "Private_Dirty" -> privateDirty += kib(line, colon);
          default -> {} // the other fields
        }
      }
    }
    return new MemoryUse(rss, pss, privateDirty);
  }

  private static boolean isGuest(String range, List<GuestRegion> guestRam) {
    int dash = range.indexOf('-');
    long from = Long.parseUnsignedLong(range, 0, dash, 16);
    long to = Long.parseUnsignedLong(range, dash + 1, range.length(), 16);
    for (GuestRegion region : guestRam) {
      // Addresses of a process are below 2^47, but for the vsyscall page at the very top.
      if (Long.compareUnsigned(from, region.hva() + region.length()) < 0
          && Long.compareUnsigned(region.hva(), to) < 0) {
        return true;
      }
    }
    return false;
  }

  /** {@code Rss: 123 kB}. */
  private static long kib(String line, int colon) {
    return Long.parseLong(line.substring(colon + 1, line.length() - " kB".length()).trim());
  }
}
