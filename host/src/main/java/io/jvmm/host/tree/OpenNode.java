package io.jvmm.host.tree;

import io.jvmm.host.CallState;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.SyscallNumber;

/**
 * Calls on a descriptor of {@link NodeCalls#tryOpen} or {@link TreeCalls#tryCreate}.
 *
 * <p>Every call is hot: it answers what the system call does, or {@code -errno}, and throws
 * nothing.
 *
 * <p>Threads: any, each with its own state; the position of a directory is shared by all of them.
 */
public final class OpenNode {
  static final int SEEK_SET = 0;

  private OpenNode() {}

  /** {@code preadv(2)} over an array of {@code struct iovec}. */
  public static long tryRead(CallState state, int fd, long iovecs, int count, long offset) {
    return Syscall.call(state, SyscallNumber.PREADV, fd, iovecs, count, offset);
  }

  /** {@code pwritev(2)} over an array of {@code struct iovec}. */
  public static long tryWrite(CallState state, int fd, long iovecs, int count, long offset) {
    return Syscall.call(state, SyscallNumber.PWRITEV, fd, iovecs, count, offset);
  }

  /** {@code pread(2)} of a few bytes. */
  public static long tryReadTo(CallState state, int fd, long address, long length, long offset) {
    return Syscall.call(state, SyscallNumber.PREAD64, fd, address, length, offset);
  }

  /** Writes a name's bytes at the beginning. */
  public static long tryWriteName(CallState state, int fd, NodeName name) {
    return Syscall.call(state, SyscallNumber.PWRITE64, fd, name.address(), name.length(), 0);
  }

  /** All of it is on the medium when this answers 0, or what is needed to read its data again. */
  public static long trySync(CallState state, int fd, boolean dataOnly) {
    int call = dataOnly ? SyscallNumber.FDATASYNC : SyscallNumber.FSYNC;
    return Syscall.call(state, call, fd, 0, 0);
  }

  /** Cuts or lengthens what is open for writing. */
  public static long trySetSize(CallState state, int fd, long size) {
    return Syscall.call(state, SyscallNumber.FTRUNCATE, fd, size, 0);
  }

  /** Goes to where an entry of a directory said that the next one is; 0 is the first. */
  public static long trySeek(CallState state, int fd, long cookie) {
    return Syscall.call(state, SyscallNumber.LSEEK, fd, cookie, SEEK_SET);
  }

  /**
   * The next entries of a directory, into a {@link DirectoryEntries}.
   *
   * @param bytes no more than so many of {@code struct linux_dirent64}; EINVAL where none fits
   */
  public static long tryList(CallState state, int fd, DirectoryEntries entries, int bytes) {
    int most = Math.min(bytes, DirectoryEntries.CAPACITY);
    long n = Syscall.call(state, SyscallNumber.GETDENTS64, fd, entries.address(), most);
    entries.begin(n);
    return n;
  }
}
