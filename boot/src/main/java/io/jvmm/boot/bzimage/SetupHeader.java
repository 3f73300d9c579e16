package io.jvmm.boot.bzimage;

import io.jvmm.boot.BootFile;
import io.jvmm.boot.tables.ZeroPage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The setup header in a bzImage's first two sectors (Documentation/x86/boot.rst, "The Real-Mode
 * Kernel Header"), as it stands in the file: nothing is believed yet.
 *
 * @param end where the header ends in the file
 * @param kernelOffset where the 64-bit part begins in the file
 * @param kernelSize bytes of the 64-bit part, a multiple of 16
 * @param initrdAddressMax the highest address that an initrd may have a byte at
 * @param commandLineLengthMax the longest command line, the final NUL left out
 * @param address where the kernel wants to lie
 * @param initSize bytes that it works in, from there, before it has read a memory map
 */
record SetupHeader(
    int end,
    int kernelOffset,
    long kernelSize,
    long initrdAddressMax,
    long commandLineLengthMax,
    long address,
    long initSize) {

  /** The first protocol that says whether there is a 64-bit entry, by its xloadflags. */
  static final int VERSION_MIN = 0x020C;

  private static final int SETUP_SECTS = 0x1F1;
  private static final int SYSSIZE = 0x1F4;
  private static final int JUMP_OFFSET = 0x201;
  private static final int HEADER = 0x202;
  private static final int VERSION = 0x206;
  private static final int LOADFLAGS = 0x211;
  private static final int INITRD_ADDR_MAX = 0x22C;
  private static final int XLOADFLAGS = 0x236;
  private static final int CMDLINE_SIZE = 0x238;
  private static final int PREF_ADDRESS = 0x258;
  private static final int INIT_SIZE = 0x260;

  /** The header of protocol 2.12 ends here: behind handover_offset. */
  private static final int END_MIN = 0x268;

  private static final int LOADED_HIGH = 1;
  private static final int XLF_KERNEL_64 = 1;
  private static final int SECTOR_SIZE = 512;
  private static final int PARAGRAPH_SIZE = 16;

  /** "For backwards compatibility, 0 means 4." */
  private static final int SETUP_SECTS_DEFAULT = 4;

  static boolean hasMagic(byte[] head) {
    return head.length >= HEADER + Integer.BYTES
        && buffer(head).getInt(HEADER) == ZeroPage.HEADER_MAGIC;
  }

  /** Reads the header, and refuses a kernel without a 64-bit entry. */
  static SetupHeader parse(BootFile file, byte[] head) {
    if (head.length < END_MIN) {
      throw file.error("ends within its setup header; it is truncated");
    }
    ByteBuffer in = buffer(head);
    int version = in.getShort(VERSION) & 0xFFFF;
    if (version < VERSION_MIN) {
      throw file.error(
          "speaks boot protocol "
              + (version >> 8)
              + "."
              + (version & 0xFF)
              + "; 2.12 (Linux 3.8) is needed");
    }
    if ((in.get(LOADFLAGS) & LOADED_HIGH) == 0) {
      throw file.error("is a zImage, to be loaded below 1 MiB; a bzImage is needed");
    }
    if ((in.getShort(XLOADFLAGS) & XLF_KERNEL_64) == 0) {
      throw file.error("has no 64-bit entry: it is a bzImage of a 32-bit kernel");
    }
    int end = HEADER + (in.get(JUMP_OFFSET) & 0xFF);
    if (end < END_MIN) {
      throw file.error("has a setup header that ends before its own fields");
    }
    int sectors = in.get(SETUP_SECTS) & 0xFF;
    return new SetupHeader(
        end,
        ((sectors == 0 ? SETUP_SECTS_DEFAULT : sectors) + 1) * SECTOR_SIZE,
        Integer.toUnsignedLong(in.getInt(SYSSIZE)) * PARAGRAPH_SIZE,
        Integer.toUnsignedLong(in.getInt(INITRD_ADDR_MAX)),
        Integer.toUnsignedLong(in.getInt(CMDLINE_SIZE)),
        in.getLong(PREF_ADDRESS),
        Integer.toUnsignedLong(in.getInt(INIT_SIZE)));
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
