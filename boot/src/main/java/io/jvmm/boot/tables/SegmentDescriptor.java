package io.jvmm.boot.tables;

/**
 * A segment descriptor of the GDT and the selector that names it (Intel SDM 3, 3.4.5), with the
 * fields taken apart as a CPU holds them, so that the table in memory and the CPU's registers
 * cannot disagree.
 *
 * @param selector its offset in the GDT
 * @param bits the eight bytes of the GDT, as an le64
 */
public record SegmentDescriptor(int selector, long bits) {
  /** {@code __BOOT_CS} of Linux: 64-bit code, execute and read. */
  public static final SegmentDescriptor CODE_64 =
      new SegmentDescriptor(0x10, 0x00AF_9B00_0000_FFFFL);

  /** At the same place for a 32-bit entry: flat 4 GiB code, execute and read. */
  public static final SegmentDescriptor CODE_32 =
      new SegmentDescriptor(0x10, 0x00CF_9B00_0000_FFFFL);

  /** {@code __BOOT_DS} of Linux: flat 4 GiB data, read and write. */
  public static final SegmentDescriptor DATA = new SegmentDescriptor(0x18, 0x00CF_9300_0000_FFFFL);

  /** A busy task state segment at 0: Intel refuses to enter a guest without one. */
  public static final SegmentDescriptor TASK = new SegmentDescriptor(0x20, 0x0000_8B00_0000_0067L);

  /** Bytes of the GDT: six descriptors, for in long mode the task's takes two. */
  public static final int GDT_SIZE = 6 * Long.BYTES;

  /** What GDTR holds as its limit. */
  public static final int GDT_LIMIT = GDT_SIZE - 1;

  /** The segment's first address. */
  public long base() {
    return ((bits >>> 16) & 0xFF_FFFF) | ((bits >>> 56) << 24);
  }

  /** The last offset in the segment, in bytes: granularity is reckoned in. */
  public int limit() {
    int limit = (int) ((bits & 0xFFFF) | ((bits >>> 32) & 0xF_0000));
    return granularity() == 0 ? limit : (limit << 12) | 0xFFF;
  }

  /** The four type bits. */
  public int type() {
    return (int) (bits >>> 40) & 0xF;
  }

  /** S: 1 for code and data, 0 for a system segment. */
  public int codeOrData() {
    return (int) (bits >>> 44) & 1;
  }

  /** DPL. */
  public int privilege() {
    return (int) (bits >>> 45) & 3;
  }

  /** P. */
  public int present() {
    return (int) (bits >>> 47) & 1;
  }

  /** L: 64-bit code. */
  public int longMode() {
    return (int) (bits >>> 53) & 1;
  }

  /** D/B: 32-bit default. */
  public int defaultSize() {
    return (int) (bits >>> 54) & 1;
  }

  /** G: the limit counts pages. */
  public int granularity() {
    return (int) (bits >>> 55) & 1;
  }
}
