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

  private final BootFile file;
  private final ProgramHeader[] headers;
  private final LoadSegments segments;
  private final long entryPoint;

  private ElfKernel(
      BootFile file, ProgramHeader[] headers, LoadSegments segments, long entryPoint) {
    this.file = file;
    this.headers = headers;
    this.segments = segments;
    this.entryPoint = entryPoint;
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
    for (int i = 0; i < headers.length; i++) {
      headers[i] = ProgramHeader.parse(table, i * ProgramHeader.SIZE);
    }
    return new ElfKernel(file, headers, LoadSegments.of(file, headers), header.entry());
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
  public KernelEntry entry(EntryProtocol wanted) {
    boolean isLoaded = segments.contain(entryPoint);
    if (wanted == EntryProtocol.LINUX_64 || (wanted == EntryProtocol.AUTO && isLoaded)) {
      if (!isLoaded) {
        throw file.error(notLoaded("entry point", entryPoint));
      }
      return KernelEntry.linux64(entryPoint);
    }
    long found = findPvhEntry();
    if (found != PvhNote.NONE) {
      if (!segments.contain(found)) {
        throw file.error(notLoaded("PVH entry", found));
      }
      return KernelEntry.pvh(found);
    }
    String noPvh = "has no PVH entry (a Xen note of type 18)";
    throw file.error(
        wanted == EntryProtocol.PVH
            ? noPvh
            : noPvh + ", and " + notLoaded("entry point", entryPoint));
  }

  private static String notLoaded(String what, long gpa) {
    return "its " + what + " 0x" + Long.toHexString(gpa) + " is not in a segment that is loaded";
  }

  private long findPvhEntry() {
    for (ProgramHeader header : headers) {
      if (header.type() == ProgramHeader.PT_NOTE) {
        long found = PvhNote.find(file, header);
        if (found != PvhNote.NONE) {
          return found;
        }
      }
    }
    return PvhNote.NONE;
  }

  @Override
  public void load(GuestMemory memory, long lowRam, boolean mayMap) {
    if (segments.end() > lowRam) {
      throw file.error(
          "needs RAM up to "
              + segments.end()
              + " bytes, the guest has "
              + lowRam
              + "; give the guest more memory");
    }
    segments.load(memory, mayMap);
  }

  @Override
  public long end() {
    return segments.end();
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
