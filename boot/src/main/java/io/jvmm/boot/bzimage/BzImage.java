package io.jvmm.boot.bzimage;

import io.jvmm.boot.BootFile;
import io.jvmm.boot.EntryProtocol;
import io.jvmm.boot.KernelEntry;
import io.jvmm.boot.KernelImage;
import io.jvmm.boot.MachineLayout;
import io.jvmm.boot.tables.ZeroPage;
import io.jvmm.memory.GuestMemory;

/**
 * A bzImage, entered 0x200 bytes behind its beginning in long mode; it unpacks itself.
 *
 * <p>It always goes where it prefers to lie. A relocatable one could lie lower, but would only copy
 * itself up to there again before it unpacks (head_64.S, LOAD_PHYSICAL_ADDR), so that saves no RAM.
 */
public final class BzImage implements KernelImage {
  /** Documentation/x86/boot.rst, "64-bit boot protocol". */
  private static final int ENTRY_64_OFFSET = 0x200;

  private final BootFile file;
  private final byte[] head;
  private final SetupHeader header;
  private final long readSize;
  private final long end;

  private BzImage(BootFile file, byte[] head, SetupHeader header, long readSize, long end) {
    this.file = file;
    this.head = head;
    this.header = header;
    this.readSize = readSize;
    this.end = end;
  }

  /** Whether a file's first bytes hold a setup header. */
  public static boolean isBzImage(byte[] head) {
    return SetupHeader.hasMagic(head);
  }

  /**
   * Reads and checks the header; takes the file over.
   *
   * @param head the file's first bytes
   * @throws io.jvmm.boot.BootException where the file is malformed, cut, or for another machine
   */
  public static BzImage parse(BootFile file, byte[] head) {
    SetupHeader header = SetupHeader.parse(file, head);
    long present = file.length() - header.kernelOffset();
    long size = header.kernelSize();
    // The size is rounded up to 16 bytes; a file need not be.
    if (size <= ENTRY_64_OFFSET || present <= size - 16) {
      throw file.error(
          "is truncated: its kernel has "
              + size
              + " bytes, of which "
              + Math.max(present, 0)
              + " are there");
    }
    long address = header.address();
    if (Long.compareUnsigned(address, MachineLayout.KERNEL_MIN) < 0
        || Long.compareUnsigned(address, MachineLayout.HOLE_START) >= 0) {
      throw file.error(
          "prefers to lie at 0x"
              + Long.toHexString(address)
              + "; a kernel lies between 1 MiB and 3.25 GiB");
    }
    long end = address + Math.max(size, header.initSize());
    return new BzImage(file, head, header, Math.min(size, present), end);
  }

  @Override
  public int commandLineLengthMax() {
    return (int) Math.min(header.commandLineLengthMax(), MachineLayout.COMMAND_LINE_SIZE - 1);
  }

  @Override
  public long initrdEndMax() {
    return Math.min(header.initrdAddressMax() + 1, MachineLayout.HOLE_START);
  }

  @Override
  public KernelEntry entry(EntryProtocol wanted) {
    if (wanted == EntryProtocol.PVH) {
      throw file.error("is a bzImage, which has no PVH entry; the vmlinux in it may have one");
    }
    return KernelEntry.linux64(header.address() + ENTRY_64_OFFSET);
  }

  @Override
  public void load(GuestMemory memory, long lowRam, boolean mayMap) {
    if (end > lowRam) {
      throw file.error(
          "needs RAM up to "
              + end
              + " bytes to unpack itself, the guest has "
              + lowRam
              + "; give the guest more memory");
    }
    file.readInto(memory, header.address(), header.kernelOffset(), readSize);
  }

  @Override
  public long end() {
    return end;
  }

  @Override
  public void describe(ZeroPage page) {
    page.bzImageHeader(head, header.end());
  }

  @Override
  public void close() {
    file.close();
  }
}
