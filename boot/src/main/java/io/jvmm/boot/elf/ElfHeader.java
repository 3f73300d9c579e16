package io.jvmm.boot.elf;

import io.jvmm.boot.BootFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The file header of an ELF kernel for this machine (System V ABI, "ELF Header").
 *
 * @param entry e_entry
 * @param programHeaders e_phoff
 * @param programHeaderCount e_phnum
 */
record ElfHeader(long entry, long programHeaders, int programHeaderCount) {
  /** Bytes of an ELF64 header. */
  static final int SIZE = 64;

  /** A vmlinux has five; a number in the thousands is an attack or no kernel. */
  static final int PROGRAM_HEADERS_MAX = 64;

  private static final int MAGIC = 0x464C_457F; // 0x7f 'E' 'L' 'F', little-endian
  private static final int EI_CLASS = 4;
  private static final int EI_DATA = 5;
  private static final int ELFCLASS64 = 2;
  private static final int ELFDATA2LSB = 1;
  private static final int E_TYPE = 16;
  private static final int ET_EXEC = 2;
  private static final int ET_DYN = 3;
  private static final int E_MACHINE = 18;
  private static final int EM_X86_64 = 62;
  private static final int E_ENTRY = 24;
  private static final int E_PHOFF = 32;
  private static final int E_PHENTSIZE = 54;
  private static final int E_PHNUM = 56;

  static boolean hasMagic(byte[] head) {
    return head.length >= Integer.BYTES && buffer(head).getInt(0) == MAGIC;
  }

  static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads the header from the file's first bytes. */
  static ElfHeader parse(BootFile file, byte[] head) {
    if (head.length < SIZE) {
      throw file.error("ends within its ELF header; it is truncated");
    }
    ByteBuffer in = buffer(head);
    if (in.get(EI_CLASS) != ELFCLASS64) {
      throw file.error("is a 32-bit ELF file; this machine boots 64-bit kernels");
    }
    if (in.get(EI_DATA) != ELFDATA2LSB) {
      throw file.error("is a big-endian ELF file; this machine is x86-64");
    }
    int machine = in.getShort(E_MACHINE) & 0xFFFF;
    if (machine != EM_X86_64) {
      throw file.error("is for " + machineName(machine) + "; this machine is x86-64");
    }
    int type = in.getShort(E_TYPE) & 0xFFFF;
    if (type != ET_EXEC && type != ET_DYN) {
      throw file.error("is an ELF file of type " + type + ", which is no program");
    }
    int count = in.getShort(E_PHNUM) & 0xFFFF;
    if (count == 0) {
      throw file.error("has no ELF program headers, so nothing to load");
    }
    if (count > PROGRAM_HEADERS_MAX) {
      throw file.error(
          "has " + count + " ELF program headers; at most " + PROGRAM_HEADERS_MAX + " are read");
    }
    int entrySize = in.getShort(E_PHENTSIZE) & 0xFFFF;
    if (entrySize != ProgramHeader.SIZE) {
      throw file.error("has ELF program headers of " + entrySize + " bytes instead of 56");
    }
    return new ElfHeader(in.getLong(E_ENTRY), in.getLong(E_PHOFF), count);
  }

  private static String machineName(int machine) {
    return switch (machine) {
      case 3 -> "i386";
      case 20, 21 -> "PowerPC";
      case 22 -> "s390";
      case 40 -> "arm";
      case 183 -> "arm64";
      case 243 -> "RISC-V";
      case 258 -> "LoongArch";
      default -> "ELF machine " + machine;
    };
  }
}
