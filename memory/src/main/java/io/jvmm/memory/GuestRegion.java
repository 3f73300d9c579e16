package io.jvmm.memory;

/**
 * One contiguous piece of guest RAM.
 *
 * @param gpa where the guest sees it, page-aligned
 * @param hva where this process sees it
 * @param length in bytes, a multiple of the page size
 */
public record GuestRegion(long gpa, long hva, long length) {
  /** The first guest physical address behind it. */
  public long end() {
    return gpa + length;
  }
}
