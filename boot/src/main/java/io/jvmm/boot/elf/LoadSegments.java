package io.jvmm.boot.elf;

import io.jvmm.boot.BootFile;
import io.jvmm.boot.MachineLayout;
import io.jvmm.memory.GuestMemory;

/**
 * The segments of a kernel that are put into memory, checked as far as that goes without a guest:
 * all bytes are in the file, all addresses between 1 MiB and the end of the largest low RAM, and no
 * two overlap. So what is read is never more than the guest's RAM, whatever a header claims.
 */
final class LoadSegments {
  private static final long PAGE_MASK = 4095;

  private final BootFile file;
  private final ProgramHeader[] segments;
  private final int count;
  private final long end;

  private LoadSegments(BootFile file, ProgramHeader[] segments, int count, long end) {
    this.file = file;
    this.segments = segments;
    this.count = count;
    this.end = end;
  }

  /** Picks the segments to be loaded out of all program headers, and checks them. */
  static LoadSegments of(BootFile file, ProgramHeader[] headers) {
    ProgramHeader[] segments = new ProgramHeader[headers.length];
    int count = 0;
    long end = 0;
    for (ProgramHeader segment : headers) {
      if (segment.type() != ProgramHeader.PT_LOAD || segment.memorySize() == 0) {
        continue;
      }
      checkFile(file, segment);
      checkAddress(file, segment);
      for (int i = 0; i < count; i++) {
        if (overlap(segments[i], segment)) {
          throw file.error("has two ELF segments that overlap, at " + hex(segment.gpa()));
        }
      }
      segments[count++] = segment;
      end = Math.max(end, segment.end());
    }
    if (count == 0) {
      throw file.error("has no ELF segment to load");
    }
    return new LoadSegments(file, segments, count, end);
  }

  private static void checkFile(BootFile file, ProgramHeader segment) {
    if (!segment.isInFile(file.length())) {
      throw file.error(
          "is truncated: a segment needs "
              + Long.toUnsignedString(segment.fileSize())
              + " bytes at "
              + Long.toUnsignedString(segment.offset())
              + ", the file has "
              + file.length());
    }
    if (Long.compareUnsigned(segment.fileSize(), segment.memorySize()) > 0) {
      throw file.error("has an ELF segment that is larger in the file than in memory");
    }
  }

  /** Afterwards no sum of address and size overflows. */
  private static void checkAddress(BootFile file, ProgramHeader segment) {
    if (Long.compareUnsigned(segment.gpa(), MachineLayout.KERNEL_MIN) < 0) {
      throw file.error(
          "has an ELF segment at "
              + hex(segment.gpa())
              + ", where the boot structures are; a kernel lies above 1 MiB");
    }
    if (Long.compareUnsigned(segment.gpa(), MachineLayout.HOLE_START) >= 0
        || Long.compareUnsigned(segment.memorySize(), MachineLayout.HOLE_START - segment.gpa())
            > 0) {
      throw file.error(
          "has an ELF segment at "
              + hex(segment.gpa())
              + " that ends above 3.25 GiB, where low RAM ends");
    }
  }

  private static boolean overlap(ProgramHeader a, ProgramHeader b) {
    return a.gpa() < b.end() && b.gpa() < a.end();
  }

  private static String hex(long gpa) {
    return "0x" + Long.toHexString(gpa);
  }

  /** Where the last segment ends. */
  long end() {
    return end;
  }

  /** Whether a physical address is in a segment. */
  boolean contain(long gpa) {
    for (int i = 0; i < count; i++) {
      if (segments[i].contains(gpa)) {
        return true;
      }
    }
    return false;
  }

  /** Puts all of them into fresh guest memory that reaches up to {@link #end()}. */
  void load(GuestMemory memory, boolean mayMap) {
    for (int i = 0; i < count; i++) {
      load(memory, segments[i], mayMap);
    }
  }

  /**
   * Whole pages may be mapped; what is left of the last one is read, so that the bss behind it in
   * the same page stays zero.
   */
  private void load(GuestMemory memory, ProgramHeader segment, boolean mayMap) {
    long mapped = 0;
    if (mayMap && ((segment.offset() | segment.gpa()) & PAGE_MASK) == 0) {
      mapped = segment.fileSize() & ~PAGE_MASK;
      if (mapped > 0) {
        file.mapInto(memory, segment.gpa(), segment.offset(), mapped);
      }
    }
    file.readInto(
        memory, segment.gpa() + mapped, segment.offset() + mapped, segment.fileSize() - mapped);
  }
}
