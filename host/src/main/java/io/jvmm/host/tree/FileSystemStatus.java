package io.jvmm.host.tree;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What {@code fstatfs(2)} said of a file system last. Reused.
 *
 * <p>Threads: belongs to one.
 */
public final class FileSystemStatus {
  static final int STATFS_SIZE = 120; // asm-generic/statfs.h: struct statfs
  static final int F_TYPE = 0;
  static final int F_BSIZE = 8;
  static final int F_BLOCKS = 16;
  static final int F_BFREE = 24;
  static final int F_BAVAIL = 32;
  static final int F_FILES = 40;
  static final int F_FFREE = 48;
  static final int F_FSID = 56;
  static final int F_NAMELEN = 64;
  static final int F_FLAGS = 80;
  static final int ST_RDONLY = 1; // linux/statfs.h
  static final int ST_NOATIME = 0x400;

  private final MemorySegment statfs = Arena.ofAuto().allocate(STATFS_SIZE, Long.BYTES);

  /** Zeroes. */
  public FileSystemStatus() {}

  long address() {
    return statfs.address();
  }

  private long int64(int offset) {
    return statfs.get(ValueLayout.JAVA_LONG, offset);
  }

  /** Its magic number. */
  public long type() {
    return int64(F_TYPE);
  }

  /** Bytes of the unit that the numbers of blocks have. */
  public long blockSize() {
    return int64(F_BSIZE);
  }

  public long blocks() {
    return int64(F_BLOCKS);
  }

  public long freeBlocks() {
    return int64(F_BFREE);
  }

  /** What is left for who is not root. */
  public long availableBlocks() {
    return int64(F_BAVAIL);
  }

  public long files() {
    return int64(F_FILES);
  }

  public long freeFiles() {
    return int64(F_FFREE);
  }

  /** Tells it from other file systems. */
  public long id() {
    return int64(F_FSID);
  }

  /** Whether it is mounted so that reading changes nothing. */
  boolean isQuiet() {
    return (int64(F_FLAGS) & (ST_RDONLY | ST_NOATIME)) != 0;
  }

  /** The most bytes of a name. */
  public long nameMax() {
    return int64(F_NAMELEN);
  }
}
