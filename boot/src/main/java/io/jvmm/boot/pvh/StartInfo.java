package io.jvmm.boot.pvh;

import static io.jvmm.boot.MachineLayout.ACPI_TABLES;
import static io.jvmm.boot.MachineLayout.COMMAND_LINE;
import static io.jvmm.boot.MachineLayout.START_INFO;

import io.jvmm.boot.tables.E820Map;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What EBX points at when a kernel is entered by PVH: {@code struct hvm_start_info} of version 1
 * (Xen, public/arch-x86/hvm/start_info.h), followed by its one module and its memory map.
 */
public final class StartInfo {
  static final int MAGIC = 0x336E_C578;
  static final int VERSION = 1;
  static final int NR_MODULES = 12;
  static final int MODLIST_PADDR = 16;
  static final int CMDLINE_PADDR = 24;
  static final int RSDP_PADDR = 32;
  static final int MEMMAP_PADDR = 40;
  static final int MEMMAP_ENTRIES = 48;
  static final int MODULE = 56;
  static final int MODULE_SIZE = 32;
  static final int MEMORY_MAP = MODULE + MODULE_SIZE;
  static final int MEMORY_MAP_ENTRY_SIZE = 24;

  /** Bytes of the longest. */
  static final int SIZE_MAX = MEMORY_MAP + E820Map.ENTRIES_MAX * MEMORY_MAP_ENTRY_SIZE;

  private StartInfo() {}

  /**
   * The bytes that go to {@link io.jvmm.boot.MachineLayout#START_INFO}.
   *
   * @param map the memory map; types of E820 and of PVH are the same numbers
   * @param initrdLength in bytes; 0 where there is none
   */
  public static byte[] bytes(E820Map map, long initrdGpa, long initrdLength) {
    byte[] bytes = new byte[SIZE_MAX];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0, MAGIC);
    out.putInt(4, VERSION);
    if (initrdLength > 0) {
      out.putInt(NR_MODULES, 1);
      out.putLong(MODLIST_PADDR, START_INFO + MODULE);
      out.putLong(MODULE, initrdGpa);
      out.putLong(MODULE + 8, initrdLength);
    }
    out.putLong(CMDLINE_PADDR, COMMAND_LINE);
    out.putLong(RSDP_PADDR, ACPI_TABLES);
    out.putLong(MEMMAP_PADDR, START_INFO + MEMORY_MAP);
    out.putInt(MEMMAP_ENTRIES, map.count());
    for (int i = 0; i < map.count(); i++) {
      int at = MEMORY_MAP + i * MEMORY_MAP_ENTRY_SIZE;
      out.putLong(at, map.base(i));
      out.putLong(at + 8, map.length(i));
      out.putInt(at + 16, map.type(i));
    }
    return bytes;
  }
}
