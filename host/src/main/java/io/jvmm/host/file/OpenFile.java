package io.jvmm.host.file;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A regular file or block device, read and written at offsets, so that threads need no shared
 * position.
 *
 * <p>Threads: any, each with its own {@link CallState}; the owner closes after all have stopped.
 */
public final class OpenFile implements AutoCloseable {
  /** Not for children, and a terminal that is opened does not become the process's own. */
  private static final int ALWAYS = Fcntl.O_CLOEXEC | Fcntl.O_NOCTTY;

  /** {@code struct flock}: l_type 0, l_whence 2, l_start 8, l_len 16, l_pid 24. */
  static final int FLOCK_SIZE = 32;

  static final int STAT_SIZE = 144; // asm/stat.h: struct stat
  static final int ST_DEV = 0;
  static final int ST_INO = 8;
  static final int ST_MODE = 24;
  static final int ST_RDEV = 40;
  static final int ST_BLKSIZE = 56;
  static final int S_IFMT = 0xF000;
  static final int S_IFREG = 0x8000;
  static final int S_IFBLK = 0x6000;
  static final int S_IFDIR = 0x4000;
  static final int SEEK_END = 2;
  static final int FALLOC_FL_KEEP_SIZE = 1; // linux/falloc.h
  static final int FALLOC_FL_PUNCH_HOLE = 2;
  static final int FALLOC_FL_ZERO_RANGE = 16;

  /** For {@link #tryAllocate}: the range becomes a hole, its space goes back. */
  public static final int PUNCH_HOLE = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

  /** For {@link #tryAllocate}: the range reads as zeroes, its space stays. */
  public static final int ZERO_RANGE = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;

  private final Fd fd;
  private final boolean writable;

  private OpenFile(Fd fd, boolean writable) {
    this.fd = fd;
    this.writable = writable;
  }

  /**
   * Opens for reading. Refuses a directory (EISDIR); never waits for the other end of a FIFO.
   *
   * @throws SyscallException naming the path
   */
  public static OpenFile forReading(String path) {
    return open(path, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK, 0);
  }

  /**
   * As {@link #forReading}, past the page cache ({@link DirectAlignment} says what of).
   *
   * @throws SyscallException EINVAL where the file system cannot
   */
  public static OpenFile forDirectReading(String path) {
    return open(path, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK | Fcntl.O_DIRECT, 0);
  }

  /** Opens for reading and writing; the file must be there. */
  public static OpenFile forWriting(String path) {
    return open(path, Fcntl.O_RDWR | Fcntl.O_NONBLOCK, 0);
  }

  /**
   * As {@link #forWriting}, and claims a block device for this process: as long as it is open the
   * host cannot mount it, nor claim it for swap, RAID or another machine. A file cannot be claimed.
   *
   * @throws SyscallException EBUSY where the host uses the block device
   */
  public static OpenFile claim(String path) {
    return claim(path, 0);
  }

  /**
   * As {@link #claim}, past the page cache ({@link DirectAlignment} says what of).
   *
   * @throws SyscallException EBUSY where the host uses the block device, EINVAL where the file
   *     system cannot
   */
  public static OpenFile claimDirect(String path) {
    return claim(path, Fcntl.O_DIRECT);
  }

  private static OpenFile claim(String path, int flags) {
    // Without O_CREAT, O_EXCL has a meaning for block devices alone.
    int exclusive = isBlockDevice(path) ? Fcntl.O_EXCL : 0;
    return open(path, Fcntl.O_RDWR | Fcntl.O_NONBLOCK | exclusive | flags, 0);
  }

  private static boolean isBlockDevice(String path) {
    return isOfType(path, S_IFBLK);
  }

  /** Whether a path, its symbolic links followed, leads to a directory. */
  public static boolean isDirectory(String path) {
    return isOfType(path, S_IFDIR);
  }

  private static boolean isOfType(String path, int type) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(STAT_SIZE, Long.BYTES);
      return tryStat(path, stat) == 0 && type(stat) == type;
    }
  }

  /** Makes or empties a file, mode 0644 less the umask, and opens it for writing. */
  public static OpenFile create(String path) {
    return open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC | Fcntl.O_NONBLOCK, 0644);
  }

  /**
   * As {@link #create}, but what the file holds stays until {@link #empty}, so that one can look
   * first which file it is.
   *
   * @throws SyscallException ENXIO for a FIFO that nobody reads; it does not wait for that
   */
  public static OpenFile createKeeping(String path) {
    return open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_NONBLOCK, 0644);
  }

  /**
   * Opens the same file or block device once more, in the same way but for locks and claims, which
   * stay this one's, and O_NONBLOCK. That is for {@code open} alone, but io_uring takes it as a
   * wish never to wait, and answers EAGAIN for ever where a device cannot promise that (dm-crypt).
   *
   * @throws SyscallException ENOENT where this process has no /proc
   */
  public OpenFile reopen() {
    CallState state = CallState.current();
    int kept = Fcntl.flags(fd.number(), fd.role()) & (Fcntl.O_RDWR | Fcntl.O_DIRECT);
    long path = Syscall.path(state, "open", "/proc/self/fd/" + fd.number());
    long n = Syscall.call(state, SyscallNumber.OPENAT, Fcntl.AT_FDCWD, path, kept | ALWAYS, 0);
    return new OpenFile(
        new Fd((int) Syscall.check(n, "open(again)", fd.role()), fd.role()), writable);
  }

  private static OpenFile open(String path, int flags, int mode) {
    CallState state = CallState.current();
    long address = Syscall.path(state, "open", path);
    long n =
        Syscall.call(state, SyscallNumber.OPENAT, Fcntl.AT_FDCWD, address, flags | ALWAYS, mode);
    OpenFile file =
        new OpenFile(
            new Fd((int) Syscall.check(n, "open", path), path),
            (flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY);
    try {
      if (file.type() == S_IFDIR) {
        throw new SyscallException("open", path, Errno.EISDIR);
      }
      return file;
    } catch (SyscallException e) {
      file.close();
      throw e;
    }
  }

  /** The descriptor; it stays this object's. */
  public Fd fd() {
    return fd;
  }

  /** Whether it was opened for writing. */
  public boolean isWritable() {
    return writable;
  }

  /** Whether it is a regular file, not a device or a pipe. */
  public boolean isRegular() {
    return type() == S_IFREG;
  }

  /** Whether it is a block device. */
  public boolean isBlockDevice() {
    return type() == S_IFBLK;
  }

  private int type() {
    return type(stat());
  }

  private static int type(MemorySegment stat) {
    return stat.get(ValueLayout.JAVA_INT, ST_MODE) & S_IFMT;
  }

  /** In the scratch memory of the thread. */
  private MemorySegment stat() {
    CallState state = CallState.current();
    MemorySegment stat = state.scratch();
    long result = Syscall.call(state, SyscallNumber.FSTAT, fd.number(), stat.address(), 0);
    Syscall.check(result, "fstat", fd.role());
    return stat;
  }

  /** 0, or {@code -errno}. */
  private static long tryStat(String path, MemorySegment stat) {
    CallState state = CallState.current();
    long address = Syscall.path(state, "stat", path);
    return Syscall.call(
        state,
        SyscallNumber.NEWFSTATAT,
        Fcntl.AT_FDCWD,
        address,
        stat.address(),
        0); // follows links
  }

  /** Bytes that its file system, or the page cache of a block device, keeps together. */
  public int blockSize() {
    return (int) stat().get(ValueLayout.JAVA_LONG, ST_BLKSIZE);
  }

  /** The {@code dev_t} of a block device, as the kernel packs it. */
  long deviceNumber() {
    return stat().get(ValueLayout.JAVA_LONG, ST_RDEV);
  }

  /** Whether a path leads to this file, by whatever name; false where it leads nowhere. */
  public boolean isAt(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment other = arena.allocate(STAT_SIZE, Long.BYTES);
      if (tryStat(path, other) != 0) {
        return false;
      }
      MemorySegment own = stat();
      return own.get(ValueLayout.JAVA_LONG, ST_DEV) == other.get(ValueLayout.JAVA_LONG, ST_DEV)
          && own.get(ValueLayout.JAVA_LONG, ST_INO) == other.get(ValueLayout.JAVA_LONG, ST_INO);
    }
  }

  /** Cuts a regular file to nothing; what is none has no length to cut. */
  public void empty() {
    if (isRegular()) {
      long result = Syscall.call(CallState.current(), SyscallNumber.FTRUNCATE, fd.number(), 0, 0);
      Syscall.check(result, "ftruncate(0)", fd.role());
    }
  }

  /**
   * In bytes, for a file or a block device.
   *
   * @throws SyscallException ESPIPE where it is neither
   */
  public long length() {
    return Syscall.check(tryLength(CallState.current()), "lseek(SEEK_END)", fd.role());
  }

  /** As {@link #length}, or {@code -errno}. */
  public long tryLength(CallState state) {
    return Syscall.call(state, SyscallNumber.LSEEK, fd.number(), 0, SEEK_END);
  }

  /**
   * Locks the whole file for this open file description: shared for readers, exclusive for a
   * writer, so that two machines do not write one disk. Advisory; gone with the descriptor.
   *
   * @return whether the lock was free
   */
  public boolean tryLock(boolean exclusive) {
    CallState state = CallState.current();
    MemorySegment flock = state.scratch().asSlice(0, FLOCK_SIZE).fill((byte) 0);
    flock.set(ValueLayout.JAVA_SHORT, 0, (short) (exclusive ? Fcntl.F_WRLCK : Fcntl.F_RDLCK));
    long result =
        Syscall.call(state, SyscallNumber.FCNTL, fd.number(), Fcntl.F_OFD_SETLK, flock.address());
    if (result == -Errno.EAGAIN || result == -Errno.EACCES) {
      return false;
    }
    Syscall.check(result, "fcntl(F_OFD_SETLK)", fd.role());
    return true;
  }

  /**
   * Hot: {@code pread(2)} into memory at {@code address}; bytes read, 0 at the end, or {@code
   * -errno}.
   */
  public long tryRead(CallState state, long address, long length, long offset) {
    return Syscall.call(state, SyscallNumber.PREAD64, fd.number(), address, length, offset);
  }

  /** Hot: {@code pwrite(2)}; bytes written or {@code -errno}. */
  public long tryWrite(CallState state, long address, long length, long offset) {
    return Syscall.call(state, SyscallNumber.PWRITE64, fd.number(), address, length, offset);
  }

  /**
   * Hot: {@code preadv(2)} over an array of {@code struct iovec}; bytes read, 0 at the end, or
   * {@code -errno}.
   */
  public long tryReadVector(CallState state, long iovecs, int count, long offset) {
    return Syscall.call(state, SyscallNumber.PREADV, fd.number(), iovecs, count, offset);
  }

  /**
   * Hot: {@code pwritev(2)} over an array of {@code struct iovec}; bytes written or {@code -errno}.
   */
  public long tryWriteVector(CallState state, long iovecs, int count, long offset) {
    return Syscall.call(state, SyscallNumber.PWRITEV, fd.number(), iovecs, count, offset);
  }

  /**
   * Hot: data and what is needed to find it again are on the medium when this answers 0; else
   * {@code -errno}.
   */
  public long tryDataSync(CallState state) {
    return Syscall.call(state, SyscallNumber.FDATASYNC, fd.number(), 0, 0);
  }

  /**
   * Hot: changes how a range is kept ({@code fallocate(2)}); the length of the file stays.
   *
   * @param mode {@link #PUNCH_HOLE} or {@link #ZERO_RANGE}
   * @return 0, or {@code -errno}: EOPNOTSUPP where the file system or the device cannot
   */
  public long tryAllocate(CallState state, int mode, long offset, long length) {
    return Syscall.call(state, SyscallNumber.FALLOCATE, fd.number(), mode, offset, length);
  }

  /**
   * Reads exactly {@code length} bytes to {@code address}; EINTR is retried.
   *
   * @throws SyscallException EIO where the file ends before
   */
  public void readFully(long address, long length, long offset) {
    CallState state = CallState.current();
    long done = 0;
    while (done < length) {
      long n = tryRead(state, address + done, length - done, offset + done);
      if (n == -Errno.EINTR) {
        continue;
      }
      if (n == 0) {
        throw new SyscallException("pread(past the end)", fd.role(), Errno.EIO);
      }
      done += Syscall.check(n, "pread", fd.role());
    }
  }

  @Override
  public void close() {
    fd.close();
  }
}
