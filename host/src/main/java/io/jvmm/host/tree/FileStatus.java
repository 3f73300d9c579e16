package io.jvmm.host.tree;

import io.jvmm.host.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What {@code statx(2)} said of a file last. Reused.
 *
 * <p>Threads: belongs to one.
 */
public final class FileStatus {
  // linux/stat.h: struct statx, struct statx_timestamp
  static final int STATX_SIZE = 256;
  static final int STX_MASK = 0;
  static final int STX_BLKSIZE = 4;
  static final int STX_NLINK = 16;
  static final int STX_UID = 20;
  static final int STX_GID = 24;
  static final int STX_MODE = 28;
  static final int STX_INO = 32;
  static final int STX_SIZE = 40;
  static final int STX_BLOCKS = 48;
  static final int STX_ATIME = 64;
  static final int STX_BTIME = 80;
  static final int STX_CTIME = 96;
  static final int STX_MTIME = 112;
  static final int STX_RDEV_MAJOR = 128;
  static final int STX_RDEV_MINOR = 132;
  static final int STX_DEV_MAJOR = 136;
  static final int STX_DEV_MINOR = 140;
  static final int STX_MNT_ID = 144;
  static final int TV_NSEC = 8;
  static final int STATX_BASIC_STATS = 0x7ff;
  static final int STATX_BTIME = 0x800;
  static final int STATX_MNT_ID = 0x1000;

  /** The bits of {@link #mode} that say what kind of file it is, and the kinds. */
  public static final int S_IFMT = 0xF000;

  public static final int S_IFIFO = 0x1000;
  public static final int S_IFCHR = 0x2000;
  public static final int S_IFDIR = 0x4000;
  public static final int S_IFBLK = 0x6000;
  public static final int S_IFREG = 0x8000;
  public static final int S_IFLNK = 0xA000;
  public static final int S_IFSOCK = 0xC000;

  /** Where the call puts it. */
  private final MemorySegment statx = Arena.ofAuto().allocate(STATX_SIZE, Long.BYTES);

  /** Where it is read: {@link LittleEndian} says why. */
  private final byte[] bytes = new byte[STATX_SIZE];

  private final MemorySegment view = MemorySegment.ofArray(bytes);

  /** Zeroes. */
  public FileStatus() {}

  long address() {
    return statx.address();
  }

  /** The call was made. */
  void take() {
    MemorySegment.copy(statx, 0, view, 0, STATX_SIZE);
  }

  /** Says another owner instead. */
  public void setOwner(int uid, int gid) {
    LittleEndian.putU32(bytes, STX_UID, uid);
    LittleEndian.putU32(bytes, STX_GID, gid);
  }

  /** Says another kind and other permissions instead. */
  public void setMode(int mode) {
    LittleEndian.putU16(bytes, STX_MODE, mode);
  }

  /** Says instead that it stands for a device, packed as {@link #deviceNumber} is. */
  public void setDeviceNumber(long number) {
    int major = (int) (((number >>> 8) & 0xfff) | ((number >>> 32) & ~0xfffL));
    int minor = (int) ((number & 0xff) | ((number >>> 12) & ~0xffL));
    LittleEndian.putU32(bytes, STX_RDEV_MAJOR, major);
    LittleEndian.putU32(bytes, STX_RDEV_MINOR, minor);
  }

  private int int32(int offset) {
    return LittleEndian.u32(bytes, offset);
  }

  private long int64(int offset) {
    return LittleEndian.u64(bytes, offset);
  }

  /** Kind and permissions. */
  public int mode() {
    return LittleEndian.u16(bytes, STX_MODE);
  }

  /** The kind alone. */
  public int kind() {
    return mode() & S_IFMT;
  }

  /** Whether it is a directory. */
  public boolean isDirectory() {
    return kind() == S_IFDIR;
  }

  public int uid() {
    return int32(STX_UID);
  }

  public int gid() {
    return int32(STX_GID);
  }

  public int links() {
    return int32(STX_NLINK);
  }

  /** The inode's number, unique on {@link #device}. */
  public long inode() {
    return int64(STX_INO);
  }

  /** Which file system: major in the upper half, minor in the lower. */
  public long device() {
    return (long) int32(STX_DEV_MAJOR) << Integer.SIZE
        | Integer.toUnsignedLong(int32(STX_DEV_MINOR));
  }

  /**
   * Which mount, where {@link TreeCalls} has asked; its file system where the kernel does not say:
   * before Linux 5.8 one that is mounted twice is not told from itself.
   */
  long mount() {
    return (int32(STX_MASK) & STATX_MNT_ID) == 0 ? device() : int64(STX_MNT_ID);
  }

  /** What a device file stands for, packed as {@code makedev(3)} does. */
  public long deviceNumber() {
    return packed(int32(STX_RDEV_MAJOR), int32(STX_RDEV_MINOR));
  }

  /** A device's two numbers in one, as {@code makedev(3)} packs them. */
  public static long packed(int majorNumber, int minorNumber) {
    long major = Integer.toUnsignedLong(majorNumber);
    long minor = Integer.toUnsignedLong(minorNumber);
    return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32;
  }

  /** In bytes. */
  public long size() {
    return int64(STX_SIZE);
  }

  /** Units of 512 bytes on the medium. */
  public long blocks() {
    return int64(STX_BLOCKS);
  }

  /** Bytes that the file system likes to move at once. */
  public int blockSize() {
    return int32(STX_BLKSIZE);
  }

  public long accessSeconds() {
    return int64(STX_ATIME);
  }

  public int accessNanos() {
    return int32(STX_ATIME + TV_NSEC);
  }

  public long modificationSeconds() {
    return int64(STX_MTIME);
  }

  public int modificationNanos() {
    return int32(STX_MTIME + TV_NSEC);
  }

  public long changeSeconds() {
    return int64(STX_CTIME);
  }

  public int changeNanos() {
    return int32(STX_CTIME + TV_NSEC);
  }

  /** When it was made; 0 where the file system does not keep that. */
  public long birthSeconds() {
    return (int32(STX_MASK) & STATX_BTIME) == 0 ? 0 : int64(STX_BTIME);
  }

  public int birthNanos() {
    return (int32(STX_MASK) & STATX_BTIME) == 0 ? 0 : int32(STX_BTIME + TV_NSEC);
  }
}
