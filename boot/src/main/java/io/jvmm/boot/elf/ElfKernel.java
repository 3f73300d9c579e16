package io.jvmm.boot.elf;

import io.jvmm.boot.BootFile;
import io.jvmm.boot.EntryProtocol;
import io.jvmm.boot.KernelEntry;
import io.jvmm.boot.KernelImage;
import io.jvmm.boot.MachineLayout;
import io.jvmm.boot.tables.ZeroPage;
import io.jvmm.memory.GuestMemory;
import java.nio.ByteBuffer;

/**
 * An ELF64 {@code vmlinux} for x86-64. Its segments go to their physical addresses; it is entered
 * at {@code startup_64}, which is what a Linux names as its entry point, or where its PVH note
 * says.
 */
public final class ElfKernel implements KernelImage {
  /** COMMAND_LINE_SIZE of x86 Linux, the final NUL included. */
  private static final int COMMAND_LINE_SIZE = 2048;

  /** The boot protocol that fits what is filled in for a kernel that carries no setup header. */
  private static final int BOOT_PROTOCOL_VERSION = 0x020F;

  private static final int KERNEL_ALIGNMENT = 0x20_0000;
  private static final long PAGE_MASK = 4095;

  private final BootFile file;
  private final ProgramHeader[] headers;
  private final long entry;
  private final long end;

  private ElfKernel(BootFile file, ProgramHeader[] headers, long entry, long end) {
    this.file = file;
    this.headers = headers;
    this.entry = entry;
    this.end = end;
  }

  /** Whether a file begins as an ELF one does. */
  public static boolean isElf(byte[] head) {
    return ElfHeader.hasMagic(head);
  }

  /**
   * Reads and checks the headers; takes the file over.
   *
   * @param head the file's first bytes
   * @throws io.jvmm.boot.BootException where the file is malformed, cut, or for another machine
   */
  public static ElfKernel parse(BootFile file, byte[] head) {
    ElfHeader header = ElfHeader.parse(file, head);
    int tableSize = header.programHeaderCount() * ProgramHeader.SIZE;
    long tableStart = header.programHeaders();
    if (tableStart < 0 || tableStart > file.length() - tableSize) {
      throw file.error("ends within its ELF program headers; it is truncated");
    }
    ByteBuffer table = ElfHeader.buffer(file.read(tableStart, tableSize));
    ProgramHeader[] headers = new ProgramHeader[header.programHeaderCount()];
    long end = 0;
    for (int i = 0; i < headers.length; i++) {
      ProgramHeader segment = ProgramHeader.parse(table, i * ProgramHeader.SIZE);
      headers[i] = segment;
      if (isLoaded(segment)) {
        check(file, segment);
        end = Math.max(end, segment.gpa() + segment.memorySize());
      }
    }
    if (end == 0) {
      throw file.error("has no ELF segment to load");
    }
    return new ElfKernel(file, headers, header.entry(), end);
  }

  private static boolean isLoaded(ProgramHeader segment) {
    return segment.type() == ProgramHeader.PT_LOAD && segment.memorySize() != 0;
  }

  /** What can be said without knowing the guest's RAM; afterwards no sum overflows. */
  private static void check(BootFile file, ProgramHeader segment) {
    if (!segment.isInFile(file.length())) {
      throw file.error(
          "is truncated: a segment needs "
              + Long.toUnsignedString(segment.fileSize())
              + " bytes at "
              + Long.toUnsignedString(segment.offset())
              + " of a file of "
              + file.length());
    }
    if (Long.compareUnsigned(segment.fileSize(), segment.memorySize()) > 0) {
      throw file.error("has a segment that is larger in the file than in memory");
    }
    if (Long.compareUnsigned(segment.gpa(), MachineLayout.KERNEL_MIN) < 0) {
      throw file.error(
          "has a segment at 0x"
              + Long.toHexString(segment.gpa())
              + ", where the boot structures are; a kernel lies above 1 MiB");
    }
    if (Long.compareUnsigned(segment.gpa(), MachineLayout.HOLE_START) >= 0
        || Long.compareUnsigned(segment.memorySize(), MachineLayout.HOLE_START - segment.gpa())
            > 0) {
      throw file.error(
          "has a segment at 0x"
              + Long.toHexString(segment.gpa())
              + " that ends above 3.25 GiB, where RAM below 4 GiB ends");
    }
  }

  @Override
  public int commandLineLengthMax() {
    return COMMAND_LINE_SIZE - 1;
  }

  @Override
  public long initrdEndMax() {
    return MachineLayout.HOLE_START;
  }

  @Override
  public KernelEntry.Protocol resolve(EntryProtocol wanted) {
    boolean entryIsLoaded = false;
    for (ProgramHeader segment : headers) {
      entryIsLoaded |= isLoaded(segment) && segment.contains(entry);
    }
    if (wanted == EntryProtocol.PVH || (wanted == EntryProtocol.AUTO && !entryIsLoaded)) {
      pvhEntry();
      return KernelEntry.Protocol.PVH;
    }
    if (!entryIsLoaded) {
      throw file.error(
          "its entry point 0x" + Long.toHexString(entry) + " is not in a segment that is loaded");
    }
    return KernelEntry.Protocol.LINUX_64;
  }

  private long pvhEntry() {
    for (ProgramHeader segment : headers) {
      if (segment.type() == ProgramHeader.PT_NOTE) {
        long pvh = PvhNote.find(file, segment);
        if (pvh != PvhNote.NONE) {
          return checkLoaded(pvh);
        }
      }
    }
    throw file.error("has no PVH entry (a Xen note of type 18)");
  }

  private long checkLoaded(long pvh) {
    for (ProgramHeader segment : headers) {
      if (isLoaded(segment) && segment.contains(pvh)) {
        return pvh;
      }
    }
    throw file.error(
        "its PVH entry 0x" + Long.toHexString(pvh) + " is not in a segment that is loaded");
  }

  @Override
  public long load(GuestMemory memory, long lowRam, boolean mayMap, KernelEntry.Protocol protocol) {
    if (end > lowRam) {
      throw file.error(
          "needs RAM up to "
              + end
              + " bytes, the guest has "
              + lowRam
              + "; give the guest more memory");
    }
    for (ProgramHeader segment : headers) {
      if (isLoaded(segment)) {
        load(memory, segment, mayMap);
      }
    }
    return protocol == KernelEntry.Protocol.PVH ? pvhEntry() : entry;
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

  @Override
  public long end() {
    return end;
  }

  @Override
  public void describe(ZeroPage page) {
    page.elfHeader(BOOT_PROTOCOL_VERSION, KERNEL_ALIGNMENT, COMMAND_LINE_SIZE - 1);
  }

  @Override
  public void close() {
    file.close();
  }
}
