package io.jvmm.boot.tables;

/**
 * The page tables at entry into long mode: an identity map of the first 4 GiB, readable, writable
 * and executable (Intel SDM 3, 4.5). Pages of 2 MiB, which every 64-bit CPU has; those of 1 GiB are
 * a feature.
 *
 * <p>The 64-bit boot protocol asks for the kernel, the zero page and the command line; all of these
 * and the initrd lie below 4 GiB.
 */
public final class PageTables {
  private static final int ENTRIES = 512;
  private static final int DIRECTORIES = 4;

  /** Bytes of all tables: one PML4, one PDPT, and a page directory for each GiB. */
  public static final int SIZE = (2 + DIRECTORIES) * ENTRIES * Long.BYTES;

  private static final int PAGE_SIZE = ENTRIES * Long.BYTES;
  private static final long LARGE_PAGE_SIZE = 0x20_0000;
  private static final long PRESENT_WRITABLE = 0x3;
  private static final long LARGE_PAGE = 0x80;

  private PageTables() {}

  /**
   * The tables' entries, in order of address.
   *
   * @param gpa where the tables will lie, page-aligned; this is CR3
   */
  public static long[] entries(long gpa) {
    long[] entries = new long[SIZE / Long.BYTES];
    entries[0] = gpa + PAGE_SIZE | PRESENT_WRITABLE;
    for (int i = 0; i < DIRECTORIES; i++) {
      entries[ENTRIES + i] = gpa + (2L + i) * PAGE_SIZE | PRESENT_WRITABLE;
    }
    long page = PRESENT_WRITABLE | LARGE_PAGE;
    for (int i = 2 * ENTRIES; i < entries.length; i++) {
      entries[i] = page;
      page += LARGE_PAGE_SIZE;
    }
    return entries;
  }
}
