package io.jvmm.host.tree;

import io.jvmm.host.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

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

  /** Where they are read: {@link LittleEndian} says why. */
  private final byte[] bytes = new byte[CAPACITY];

  private final MemorySegment view = MemorySegment.ofArray(bytes);
  private int end;
  private int at;
  private int next;

  /** None. */
  public DirectoryEntries() {}

  long address() {
    return buffer.address();
  }

  void begin(long length) {
    end = (int) Math.max(length, 0);
    next = 0;
    MemorySegment.copy(buffer, 0, view, 0, end);
  }

  /** Goes to the next entry, false where the call had no more. */
  public boolean next() {
    if (next >= end) {
      return false;
    }
    at = next;
    next += LittleEndian.u16(bytes, at + D_RECLEN);
    return true;
  }

  /** The number of its inode; of the directory below where it is a mount point. */
  public long inode() {
    return LittleEndian.u64(bytes, at + D_INO);
  }

  /** Where the entry behind it is found, whatever comes or goes. */
  public long cookie() {
    return LittleEndian.u64(bytes, at + D_OFF);
  }

  /** {@code DT_…}: {@link FileStatus#kind} shifted right by twelve, or 0 where it is not known. */
  public int type() {
    return bytes[at + D_TYPE] & 0xff;
  }

  /** Bytes of its name. */
  public int nameLength() {
    int n = 0;
    while (at + D_NAME + n < next && bytes[at + D_NAME + n] != 0) {
      n++;
    }
    return n;
  }

  /** Whether it is the directory above. */
  public boolean isDotDot() {
    return nameLength() == 2 && bytes[at + D_NAME] == '.' && bytes[at + D_NAME + 1] == '.';
  }

  /** Copies its name. */
  public void copyName(byte[] to, int offset, int length) {
    System.arraycopy(bytes, at + D_NAME, to, offset, length);
  }
}
