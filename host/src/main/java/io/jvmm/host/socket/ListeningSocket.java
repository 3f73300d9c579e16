package io.jvmm.host.socket;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.Poll;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A socket that others connect to, of streams or of messages; non-blocking, closed on exec.
 *
 * <p>Threads: one accepts; the owner closes after it. A Unix socket's file stays when it is closed:
 * whoever made it removes it.
 */
public final class ListeningSocket implements AutoCloseable {
  private final Fd fd;

  private ListeningSocket(Fd fd) {
    this.fd = fd;
  }

  private static final int KEEP_MODE = -1;
  private static final int OWNER_ONLY = 0600;

  /**
   * Listens.
   *
   * @param backlog how many may wait to be accepted
   * @throws SyscallException EADDRINUSE where a file of that name is there, or the port is taken
   */
  public static ListeningSocket listen(SocketAddress address, int backlog, String role) {
    return listen(address, Socket.STREAM, backlog, KEEP_MODE, role);
  }

  /**
   * Listens at a Unix socket to which only the process's own user and root can connect, from its
   * first moment on: its file never has another mode than 0600.
   *
   * @param backlog how many may wait to be accepted
   * @throws SyscallException EADDRINUSE where a file of that name is there
   */
  public static ListeningSocket listenForOwner(SocketAddress address, int backlog, String role) {
    return listen(address, Socket.STREAM, backlog, OWNER_ONLY, role);
  }

  /** As {@link #listenForOwner}, for sockets of messages. */
  public static ListeningSocket listenForOwnersMessages(
      SocketAddress address, int backlog, String role) {
    return listen(address, Socket.MESSAGES, backlog, OWNER_ONLY, role);
  }

  /**
   * A listening socket that this process was given. The descriptor stays the caller's and may be
   * closed at once.
   *
   * @throws SyscallException EINVAL where it does not listen, ENOTSOCK or EBADF where it is none
   */
  public static ListeningSocket inherited(int number, String role) {
    if (!Socket.isListening(number, role)) {
      throw new SyscallException("getsockopt(SO_ACCEPTCONN)", role, Errno.EINVAL);
    }
    return new ListeningSocket(Socket.copyOf(number, role));
  }

  private static ListeningSocket listen(
      SocketAddress address, int type, int backlog, int mode, String role) {
    CallState state = CallState.current();
    long n = Syscall.call(state, SyscallNumber.SOCKET, address.family(), type, 0);
    Fd fd = new Fd((int) Syscall.check(n, "socket", role), role);
    try {
      long result;
      if (mode != KEEP_MODE) {
        // Linux gives the file of a Unix socket the mode of the socket, less the umask.
        result = Syscall.call(state, SyscallNumber.FCHMOD, fd.number(), mode, 0);
        Syscall.check(result, "fchmod", address.toString());
      }
      int length = address.write(state.scratch());
      result =
          Syscall.call(state, SyscallNumber.BIND, fd.number(), state.scratch().address(), length);
      Syscall.check(result, "bind", address.toString());
      result = Syscall.call(state, SyscallNumber.LISTEN, fd.number(), backlog, 0);
      Syscall.check(result, "listen", address.toString());
      return new ListeningSocket(fd);
    } catch (SyscallException e) {
      fd.close();
      throw e;
    }
  }

  /** The descriptor, readable when somebody waits. It stays this object's. */
  public Fd fd() {
    return fd;
  }

  /** The TCP port, where the kernel has chosen it. */
  public int port() {
    CallState state = CallState.current();
    MemorySegment address = state.scratch();
    int lengthOffset = SocketAddress.SOCKADDR_UN_SIZE + 2; // aligned, behind the longest address
    address.set(ValueLayout.JAVA_INT, lengthOffset, lengthOffset);
    long result =
        Syscall.call(
            state,
            SyscallNumber.GETSOCKNAME,
            fd.number(),
            address.address(),
            address.address() + lengthOffset);
    Syscall.check(result, "getsockname", fd.role());
    int high = address.get(ValueLayout.JAVA_BYTE, SocketAddress.PORT_OFFSET) & 0xff;
    return high << 8 | (address.get(ValueLayout.JAVA_BYTE, SocketAddress.PORT_OFFSET + 1) & 0xff);
  }

  /**
   * Takes the next connection.
   *
   * @return null where nobody waits, or who waited is gone
   * @throws SyscallException EMFILE or ENFILE where the host has no descriptor left
   */
  public @Nullable Socket accept(String role) {
    CallState state = CallState.current();
    long n =
        Syscall.call(
            state,
            SyscallNumber.ACCEPT4,
            fd.number(),
            0,
            0,
            Socket.SOCK_NONBLOCK | Socket.SOCK_CLOEXEC);
    if (n == -Errno.EMFILE || n == -Errno.ENFILE || n == -Errno.ENOMEM) {
      throw new SyscallException("accept4", fd.role(), (int) -n);
    }
    return n < 0 ? null : new Socket(new Fd((int) n, role));
  }

  /**
   * Waits until somebody waits to be accepted, or {@link #stop} was called; for those without an
   * epoll.
   */
  public void awaitConnection(CallState state) {
    Poll.await(state, fd, Poll.POLLIN, -1);
  }

  /** Unix: refuses all who come from now on, and ends {@link #awaitConnection}; any thread. */
  public void stop(CallState state) {
    Syscall.call(state, SyscallNumber.SHUTDOWN, fd.number(), Socket.SHUT_RDWR, 0);
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
