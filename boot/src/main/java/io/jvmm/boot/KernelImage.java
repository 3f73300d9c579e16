package io.jvmm.boot;

import io.jvmm.boot.bzimage.BzImage;
import io.jvmm.boot.elf.ElfKernel;
import io.jvmm.boot.tables.ZeroPage;
import io.jvmm.memory.GuestMemory;

/** A kernel's file, its headers read and checked. Hostile content. */
public sealed interface KernelImage extends AutoCloseable permits ElfKernel, BzImage {
  /** Bytes of a file's beginning that tell its format; both formats' headers lie in them. */
  int HEAD_SIZE = 4096;

  /**
   * Opens a kernel of either format.
   *
   * @throws BootException where the file cannot be read or is no kernel for this machine
   */
  static KernelImage open(String path) {
    BootFile file = BootFile.open("kernel", path);
    try {
      byte[] head = file.read(0, HEAD_SIZE);
      if (ElfKernel.isElf(head)) {
        return ElfKernel.parse(file, head);
      }
      if (BzImage.isBzImage(head)) {
        return BzImage.parse(file, head);
      }
      throw file.error(ForeignFormat.describe(head));
    } catch (BootException e) {
      file.close();
      throw e;
    }
  }

  /** The longest command line that this kernel takes whole, in bytes, the final NUL left out. */
  int commandLineLengthMax();

  /** The address below which the whole of an initrd must lie. */
  long initrdEndMax();

  /**
   * How the first CPU enters this kernel, once it and the tables are in guest memory.
   *
   * @throws BootException where the kernel does not have the way asked for
   */
  KernelEntry entry(EntryProtocol wanted);

  /**
   * Puts the kernel into guest memory, which is all zero as far as it reaches.
   *
   * @param lowRam bytes of RAM from 0
   * @param mayMap whether pages of the file may be mapped instead of read
   * @throws BootException where it does not fit
   */
  void load(GuestMemory memory, long lowRam, boolean mayMap);

  /** The address from which on the kernel, unpacked and with its bss, leaves memory alone. */
  long end();

  /** Fills in what the zero page says about the kernel itself. */
  void describe(ZeroPage page);

  @Override
  void close();
}
