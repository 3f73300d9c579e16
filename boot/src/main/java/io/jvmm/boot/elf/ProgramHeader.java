package io.jvmm.boot.elf;

import java.nio.ByteBuffer;

/**
 * One program header (System V ABI, "Program Header"), as it stands in the file: nothing is
 * believed yet.
 *
 * @param type p_type
 * @param offset p_offset, in the file
 * @param gpa p_paddr
 * @param fileSize p_filesz
 * @param memorySize p_memsz
 */
record ProgramHeader(int type, long offset, long gpa, long fileSize, long memorySize) {
  /** Bytes of an ELF64 program header. */
  static final int SIZE = 56;

  static final int PT_LOAD = 1;
  static final int PT_NOTE = 4;

  private static final int P_OFFSET = 8;
  private static final int P_PADDR = 24;
  private static final int P_FILESZ = 32;
  private static final int P_MEMSZ = 40;

  static ProgramHeader parse(ByteBuffer in, int at) {
    return new ProgramHeader(
        in.getInt(at),
        in.getLong(at + P_OFFSET),
        in.getLong(at + P_PADDR),
        in.getLong(at + P_FILESZ),
        in.getLong(at + P_MEMSZ));
  }

  /** Whether its bytes in the file are all there. */
  boolean isInFile(long fileLength) {
    return offset >= 0 && fileSize >= 0 && offset <= fileLength && fileSize <= fileLength - offset;
  }

  /** The first address behind it, where its numbers have been checked. */
  long end() {
    return gpa + memorySize;
  }

  /** Whether a physical address is in it. */
  boolean contains(long address) {
    return address >= gpa && address - gpa < memorySize;
  }
}
