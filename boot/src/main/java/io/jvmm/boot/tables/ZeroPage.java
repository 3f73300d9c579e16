package io.jvmm.boot.tables;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Linux' {@code struct boot_params} (Documentation/x86/zero-page.rst and boot.rst): one page that
 * carries the setup header, the memory map, and where command line, initrd and ACPI tables lie.
 */
public final class ZeroPage {
  /** Bytes of the page. */
  public static final int SIZE = 4096;

  /** Where the setup header begins, here and in the file of a bzImage. */
  public static final int SETUP_HEADER = 0x1F1;

  /** Where the part of the page that a setup header may fill ends ({@code _pad7}). */
  public static final int SETUP_HEADER_END = 0x290;

  static final int ACPI_RSDP_ADDR = 0x070;
  static final int E820_ENTRIES = 0x1E8;
  static final int BOOT_FLAG = 0x1FE;
  static final int HEADER = 0x202;
  static final int VERSION = 0x206;
  static final int TYPE_OF_LOADER = 0x210;
  static final int LOADFLAGS = 0x211;
  static final int RAMDISK_IMAGE = 0x218;
  static final int RAMDISK_SIZE = 0x21C;
  static final int CMD_LINE_PTR = 0x228;
  static final int INITRD_ADDR_MAX = 0x22C;
  static final int KERNEL_ALIGNMENT = 0x230;
  static final int CMDLINE_SIZE = 0x238;
  static final int E820_TABLE = 0x2D0;
  static final int E820_ENTRY_SIZE = 20;

  private static final short BOOT_FLAG_MAGIC = (short) 0xAA55;

  /** "HdrS" */
  public static final int HEADER_MAGIC = 0x5372_6448;

  /** A loader with no number assigned; 0 would make the kernel ignore the initrd. */
  private static final byte LOADER_UNDEFINED = (byte) 0xFF;

  private static final byte LOADED_HIGH = 1;

  private final byte[] page = new byte[SIZE];
  private final ByteBuffer out = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);

  /** A page with the fields that are the same for all kernels. */
  public ZeroPage() {
    out.putShort(BOOT_FLAG, BOOT_FLAG_MAGIC);
    out.putInt(HEADER, HEADER_MAGIC);
    out.put(TYPE_OF_LOADER, LOADER_UNDEFINED);
    out.put(LOADFLAGS, LOADED_HIGH);
  }

  /** Fills the setup header in for a kernel whose file has none: an ELF one. */
  public void elfHeader(int version, int kernelAlignment, int commandLineLengthMax) {
    out.putShort(VERSION, (short) version);
    out.putInt(KERNEL_ALIGNMENT, kernelAlignment);
    out.putInt(CMDLINE_SIZE, commandLineLengthMax);
    out.putInt(INITRD_ADDR_MAX, Integer.MAX_VALUE);
  }

  /**
   * Takes over the setup header of a bzImage.
   *
   * @param file the file's first bytes
   * @param end where in the file the header ends
   */
  public void bzImageHeader(byte[] file, int end) {
    int length = Math.min(end, SETUP_HEADER_END) - SETUP_HEADER;
    System.arraycopy(file, SETUP_HEADER, page, SETUP_HEADER, length);
    out.put(TYPE_OF_LOADER, LOADER_UNDEFINED);
    out.put(LOADFLAGS, (byte) (page[LOADFLAGS] | LOADED_HIGH));
  }

  /** Where the command line lies. */
  public void commandLine(long gpa) {
    out.putInt(CMD_LINE_PTR, (int) gpa);
  }

  /** Where the initrd lies, below 4 GiB. */
  public void initrd(long gpa, long length) {
    out.putInt(RAMDISK_IMAGE, (int) gpa);
    out.putInt(RAMDISK_SIZE, (int) length);
  }

  /** Where the ACPI tables begin. */
  public void rsdp(long gpa) {
    out.putLong(ACPI_RSDP_ADDR, gpa);
  }

  /** The memory map. */
  public void memoryMap(E820Map map) {
    out.put(E820_ENTRIES, (byte) map.count());
    for (int i = 0; i < map.count(); i++) {
      int at = E820_TABLE + i * E820_ENTRY_SIZE;
      out.putLong(at, map.base(i));
      out.putLong(at + 8, map.length(i));
      out.putInt(at + 16, map.type(i));
    }
  }

  /** The page. */
  public byte[] bytes() {
    return page;
  }
}
