package io.jvmm.host.tree;

import io.jvmm.host.CallState;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Calls on what a descriptor of {@link TreeCalls} holds: it is never looked for by name again.
 *
 * <p>Every call is hot: it answers what the system call does, or {@code -errno}, and throws
 * nothing.
 *
 * <p>Threads: belongs to one.
 */
public final class NodeCalls {
  static final int AT_SYMLINK_NOFOLLOW = 0x100; // linux/fcntl.h

  /** For {@link #trySetTimes}: nanoseconds that stand for now, and for as it is. */
  public static final long UTIME_NOW = (1L << 30) - 1; // linux/stat.h

  public static final long UTIME_OMIT = (1L << 30) - 2;

  private static final int TIMES_SIZE = 32; // two struct timespec
  private static final MemorySegment EMPTY = Arena.global().allocate(1);

  private final ProcPath proc = new ProcPath();
  private final MemorySegment times = Arena.ofAuto().allocate(TIMES_SIZE, Long.BYTES);

  /** For the calling thread. */
  public NodeCalls() {}

  /** Asks what it is. */
  public long tryStatus(CallState state, int node, FileStatus status) {
    return status(state, node, FileStatus.STATX_BASIC_STATS | FileStatus.STATX_BTIME, status);
  }

  static long status(CallState state, int node, int wanted, FileStatus status) {
    long result =
        Syscall.call(
            state,
            SyscallNumber.STATX,
            node,
            EMPTY.address(),
            Fcntl.AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
            wanted,
            status.address(),
            0);
    if (result == 0) {
      status.take();
    }
    return result;
  }

  /**
   * Opens it for reading or writing; regular files and directories only, which the caller knows.
   */
  public long tryOpen(CallState state, int node, int flags) {
    int with = flags | Fcntl.O_CLOEXEC | OpenFlags.O_NOCTTY;
    return Syscall.call(state, SyscallNumber.OPENAT, Fcntl.AT_FDCWD, proc.of(node), with, 0);
  }

  /** Holds what is open by one more descriptor, which cannot be read, as of {@link TreeCalls}. */
  public long tryHold(CallState state, int open) {
    return tryOpen(state, open, TreeCalls.O_PATH);
  }

  /** A symbolic link's target; bytes, no NUL among them. */
  public long tryReadLink(CallState state, int node, long address, long length) {
    return Syscall.call(state, SyscallNumber.READLINKAT, node, EMPTY.address(), address, length);
  }

  /** Sets permissions; EOPNOTSUPP for a symbolic link. */
  public long trySetMode(CallState state, int node, int mode) {
    return Syscall.call(state, SyscallNumber.FCHMODAT, Fcntl.AT_FDCWD, proc.of(node), mode);
  }

  /** Sets owner and group, either -1 to leave it. */
  public long trySetOwner(CallState state, int node, int uid, int gid) {
    return Syscall.call(
        state, SyscallNumber.FCHOWNAT, node, EMPTY.address(), uid, gid, Fcntl.AT_EMPTY_PATH, 0);
  }

  /** Cuts or lengthens a regular file. */
  public long trySetSize(CallState state, int node, long size) {
    return Syscall.call(state, SyscallNumber.TRUNCATE, proc.of(node), size, 0);
  }

  /** Sets times; {@link #UTIME_NOW} and {@link #UTIME_OMIT} as nanoseconds. */
  public long trySetTimes(
      CallState state,
      int node,
      long accessSeconds,
      long accessNanos,
      long modificationSeconds,
      long modificationNanos) {
    times.setAtIndex(ValueLayout.JAVA_LONG, 0, accessSeconds);
    times.setAtIndex(ValueLayout.JAVA_LONG, 1, accessNanos);
    times.setAtIndex(ValueLayout.JAVA_LONG, 2, modificationSeconds);
    times.setAtIndex(ValueLayout.JAVA_LONG, 3, modificationNanos);
    return Syscall.call(
        state, SyscallNumber.UTIMENSAT, Fcntl.AT_FDCWD, proc.of(node), times.address(), 0);
  }

  /** Asks for its file system, a {@link FileSystemStatus}. */
  public long tryFileSystem(CallState state, int node, FileSystemStatus status) {
    return Syscall.call(state, SyscallNumber.FSTATFS, node, status.address(), 0);
  }

  /** An extended attribute's value; with length 0, how long it is. */
  public long tryGetAttribute(CallState state, int node, NodeName name, long address, long length) {
    return Syscall.call(
        state, SyscallNumber.GETXATTR, proc.of(node), name.address(), address, length);
  }

  /** The names of all extended attributes, each with a NUL; with length 0, how long that is. */
  public long tryListAttributes(CallState state, int node, long address, long length) {
    return Syscall.call(state, SyscallNumber.LISTXATTR, proc.of(node), address, length);
  }

  /** Sets an extended attribute; flags as {@code setxattr(2)} has them. */
  public long trySetAttribute(
      CallState state, int node, NodeName name, long address, long length, int flags) {
    return Syscall.call(
        state, SyscallNumber.SETXATTR, proc.of(node), name.address(), address, length, flags, 0);
  }

  /** Removes an extended attribute. */
  public long tryRemoveAttribute(CallState state, int node, NodeName name) {
    return Syscall.call(state, SyscallNumber.REMOVEXATTR, proc.of(node), name.address(), 0);
  }

  /** Closes a descriptor, of {@link TreeCalls} or {@link #tryOpen}. */
  public static void close(CallState state, int fd) {
    Syscall.call(state, SyscallNumber.CLOSE, fd, 0, 0);
  }
}
