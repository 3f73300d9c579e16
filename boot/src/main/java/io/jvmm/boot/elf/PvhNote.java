package io.jvmm.boot.elf;

import io.jvmm.boot.BootFile;
import java.nio.ByteBuffer;

/**
 * Finds the note by which a kernel says where it is entered in 32-bit mode: owner {@code Xen}, type
 * 18, {@code XEN_ELFNOTE_PHYS32_ENTRY} (Xen, public/elfnote.h).
 */
final class PvhNote {
  /** No such note; it is no entry either, for nothing is loaded at 0. */
  static final long NONE = 0;

  /** A vmlinux has less than 1 KiB of notes. */
  static final int NOTES_SIZE_MAX = 0x1_0000;

  private static final int TYPE_PHYS32_ENTRY = 18;
  private static final int HEADER_SIZE = 12;
  private static final int OWNER = 0x006E_6558; // "Xen\0"

  private PvhNote() {}

  /** The entry's physical address, or {@link #NONE}. */
  static long find(BootFile file, ProgramHeader segment) {
    if (!segment.isInFile(file.length())) {
      throw file.error("ends within its ELF notes; it is truncated");
    }
    if (segment.fileSize() > NOTES_SIZE_MAX) {
      throw file.error(
          "has "
              + segment.fileSize()
              + " bytes of ELF notes; at most "
              + NOTES_SIZE_MAX
              + " are read");
    }
    return find(file.read(segment.offset(), (int) segment.fileSize()));
  }

  /** Walks the notes; one that reaches past the end is the last that is looked at. */
  static long find(byte[] notes) {
    ByteBuffer in = ElfHeader.buffer(notes);
    long at = 0;
    while (at <= notes.length - HEADER_SIZE) {
      int start = (int) at;
      long nameSize = Integer.toUnsignedLong(in.getInt(start));
      long valueSize = Integer.toUnsignedLong(in.getInt(start + 4));
      int type = in.getInt(start + 8);
      long value = at + HEADER_SIZE + align(nameSize);
      if (value + valueSize > notes.length) {
        return NONE;
      }
      if (type == TYPE_PHYS32_ENTRY && nameSize == 4 && in.getInt(start + HEADER_SIZE) == OWNER) {
        return entry(in, (int) value, valueSize);
      }
      at = value + align(valueSize);
    }
    return NONE;
  }

  /** 32-bit kernels write four bytes, 64-bit ones eight, of which the upper four are 0. */
  private static long entry(ByteBuffer in, int at, long size) {
    if (size == Long.BYTES) {
      return in.getLong(at);
    }
    return size == Integer.BYTES ? Integer.toUnsignedLong(in.getInt(at)) : NONE;
  }

  /** Names and values fill whole words. */
  private static long align(long size) {
    return (size + 3) & ~3L;
  }
}
