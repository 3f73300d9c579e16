package io.jvmm.host.tree;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A cursor over what {@code getdents64(2)} said last. Reused.
 *
 * <p>Threads: belongs to one.
 */
public final class DirectoryEntries {
  /** Bytes: some hundred entries a call. */
  public static final int CAPACITY = 32 * 1024;

  // linux/dirent.h: struct linux_dirent64
  static final int D_INO = 0;
  static final int D_OFF = 8;
  static final int D_RECLEN = 16;
  static final int D_TYPE = 18;
  static final int D_NAME = 19;

  private final MemorySegment buffer = Arena.ofAuto().allocate(CAPACITY, Long.BYTES);
  private int end;
  private int at;
  private int next;

  /** None. */
  public DirectoryEntries() {}

  long address() {
    return buffer.address();
  }

  void begin(long bytes) {
    end = (int) Math.max(bytes, 0);
    next = 0;
  }

  /** Goes to the next entry, false where the call had no more. */
  public boolean next() {
    if (next >= end) {
      return false;
    }
    at = next;
    next += buffer.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + D_RECLEN) & 0xffff;
    return true;
  }

  /** The number of its inode; of the directory below where it is a mount point. */
  public long inode() {
    return buffer.get(ValueLayout.JAVA_LONG, at + D_INO);
  }

  /** Where the entry behind it is found, whatever comes or goes. */
  public long cookie() {
    return buffer.get(ValueLayout.JAVA_LONG, at + D_OFF);
  }

  /** {@code DT_…}: {@link FileStatus#kind} shifted right by twelve, or 0 where it is not known. */
  public int type() {
    return buffer.get(ValueLayout.JAVA_BYTE, at + D_TYPE) & 0xff;
  }

  /** Bytes of its name. */
  public int nameLength() {
    int n = 0;
    while (at + D_NAME + n < next && buffer.get(ValueLayout.JAVA_BYTE, at + D_NAME + n) != 0) {
      n++;
    }
    return n;
  }

  /** Whether it is the directory above. */
  public boolean isDotDot() {
    return nameLength() == 2
        && buffer.get(ValueLayout.JAVA_BYTE, at + D_NAME) == '.'
        && buffer.get(ValueLayout.JAVA_BYTE, at + D_NAME + 1) == '.';
  }

  /** Copies its name. */
  public void copyName(MemorySegment to, long offset, int length) {
    MemorySegment.copy(buffer, at + D_NAME, to, offset, length);
  }
}
