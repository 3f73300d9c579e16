package io.jvmm.host.file;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.Poll;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One end of a terminal, pipe, socket or file that this process was given, such as its standard
 * output, read or written without ever waiting.
 *
 * <p>O_NONBLOCK belongs to the open file description, which the shell and others share, so it must
 * not be set on what was inherited: their reads would fail. Instead a terminal or a pipe is opened
 * anew through {@code /proc/self/fd} with a description of our own; a socket takes MSG_DONTWAIT
 * with each call; a file never waits. Where opening anew is refused (no /proc, another user's
 * terminal), each call is preceded by {@code poll(2)} and moves few bytes.
 *
 * <p>Threads: one at a time reads or writes; the owner closes after it. The descriptor that was
 * given stays the caller's and may be closed at once.
 */
public final class InheritedStream implements AutoCloseable {
  /** How a call is kept from waiting. */
  private enum Way {
    FILE,
    OWN_DESCRIPTION,
    SOCKET,
    POLL
  }

  static final int MSG_DONTWAIT = 0x40; // linux/socket.h
  static final int MSG_NOSIGNAL = 0x4000;
  static final int S_IFIFO = 0x1000; // linux/stat.h
  static final int S_IFCHR = 0x2000;
  static final int S_IFSOCK = 0xC000;

  /**
   * The most that is written at once after a poll: a terminal that has room may have little, and a
   * longer write would wait for more.
   */
  private static final int POLLED_WRITE_MAX = 256;

  private final Fd fd;
  private final Way way;

  private InheritedStream(Fd fd, Way way) {
    this.fd = fd;
    this.way = way;
  }

  /**
   * For reading.
   *
   * @param role for error texts: {@code stdin}
   * @throws SyscallException EBADF where the descriptor is not open
   */
  public static InheritedStream reading(int inherited, String role) {
    return open(inherited, role, Fcntl.O_RDONLY);
  }

  /** For writing; the rest as {@link #reading}. */
  public static InheritedStream writing(int inherited, String role) {
    return open(inherited, role, Fcntl.O_WRONLY);
  }

  /**
   * Whether it was opened for reading.
   *
   * @throws SyscallException EBADF where the descriptor is not open
   */
  public static boolean isReadable(int inherited, String role) {
    return accessMode(inherited, role) != Fcntl.O_WRONLY;
  }

  /** Whether it was opened for writing; the rest as {@link #isReadable}. */
  public static boolean isWritable(int inherited, String role) {
    return accessMode(inherited, role) != Fcntl.O_RDONLY;
  }

  private static int accessMode(int inherited, String role) {
    return Fcntl.flags(inherited, role) & Fcntl.O_ACCMODE;
  }

  private static InheritedStream open(int inherited, String role, int access) {
    CallState state = CallState.current();
    MemorySegment stat = state.scratch();
    long result = Syscall.call(state, SyscallNumber.FSTAT, inherited, stat.address(), 0);
    Syscall.check(result, "fstat", role);
    int type = stat.get(ValueLayout.JAVA_INT, OpenFile.ST_MODE) & OpenFile.S_IFMT;
    if (type == S_IFIFO || type == S_IFCHR) {
      long anew = reopen(state, inherited, access);
      if (anew >= 0) {
        return new InheritedStream(new Fd((int) anew, role), Way.OWN_DESCRIPTION);
      }
    }
    return new InheritedStream(Fcntl.copy(inherited, role), wayFor(type));
  }

  private static long reopen(CallState state, int inherited, int access) {
    int flags = access | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC | Fcntl.O_NOCTTY;
    long path = Syscall.path(state, "open", "/proc/self/fd/" + inherited);
    return Syscall.call(state, SyscallNumber.OPENAT, Fcntl.AT_FDCWD, path, flags, 0);
  }

  private static Way wayFor(int type) {
    return switch (type) {
      case S_IFIFO, S_IFCHR -> Way.POLL;
      case S_IFSOCK -> Way.SOCKET;
      default -> Way.FILE;
    };
  }

  /** The descriptor, for epoll, which refuses a file with EPERM. It stays this object's. */
  public Fd fd() {
    return fd;
  }

  /**
   * Hot: bytes read, 0 at the end, {@code -EAGAIN} where there is nothing yet, or {@code -errno}.
   */
  public long tryRead(CallState state, long address, long length) {
    if (way == Way.SOCKET) {
      return Syscall.call(
          state, SyscallNumber.RECVFROM, fd.number(), address, length, MSG_DONTWAIT);
    }
    if (way == Way.POLL && !Poll.await(state, fd, Poll.POLLIN, 0)) {
      return -Errno.EAGAIN;
    }
    return ByteStream.tryRead(state, fd.number(), address, length);
  }

  /**
   * Hot: bytes written, fewer than there are where there is no room for all, {@code -EAGAIN} where
   * there is none, or {@code -errno}; {@code -EPIPE} where nobody reads any more (the JVM ignores
   * SIGPIPE).
   */
  public long tryWrite(CallState state, long address, long length) {
    if (way == Way.SOCKET) {
      int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
      return Syscall.call(state, SyscallNumber.SENDTO, fd.number(), address, length, flags);
    }
    if (way != Way.POLL) {
      return ByteStream.tryWrite(state, fd.number(), address, length);
    }
    if (!Poll.await(state, fd, Poll.POLLOUT, 0)) {
      return -Errno.EAGAIN;
    }
    return ByteStream.tryWrite(state, fd.number(), address, Math.min(length, POLLED_WRITE_MAX));
  }

  /**
   * Waits until a write would not answer {@code -EAGAIN}; an error of the stream counts, since the
   * write will tell it.
   *
   * @return false where the time was over before
   */
  public boolean awaitWritable(CallState state, int timeoutMillis) {
    return Poll.await(state, fd, Poll.POLLOUT, timeoutMillis);
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return fd.toString();
  }
}
