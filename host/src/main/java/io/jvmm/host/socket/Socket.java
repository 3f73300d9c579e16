package io.jvmm.host.socket;

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
 * A stream socket, TCP or Unix, or a Unix socket of messages (SOCK_SEQPACKET); non-blocking, closed
 * on exec. Sending to one that is gone answers {@code -EPIPE} and raises no signal.
 *
 * <p>Threads: one thread sends, one receives, each with its own {@link CallState}; the owner closes
 * after both have stopped.
 */
public final class Socket implements AutoCloseable {
  static final int SOCK_STREAM = 1; // linux/net.h
  static final int SOCK_SEQPACKET = 5;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;

  /** What each of our sockets is, unless it is one of messages. */
  static final int STREAM = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

  static final int MESSAGES = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC;

  static final int SOL_SOCKET = 1; // asm-generic/socket.h
  static final int SO_TYPE = 3;
  static final int SO_ERROR = 4;
  static final int SO_SNDBUF = 7;
  static final int SO_RCVBUF = 8;
  static final int SO_KEEPALIVE = 9;
  static final int SO_ACCEPTCONN = 30;
  static final int IPPROTO_TCP = 6; // linux/in.h
  static final int TCP_NODELAY = 1; // linux/tcp.h
  static final int TCP_KEEPIDLE = 4;
  static final int TCP_KEEPINTVL = 5;
  static final int TCP_KEEPCNT = 6;
  static final int TCP_USER_TIMEOUT = 18;
  static final int MSG_PEEK = 0x2; // linux/socket.h
  static final int MSG_TRUNC = 0x20;
  static final int MSG_NOSIGNAL = 0x4000;
  static final int SHUT_RD = 0; // linux/net.h
  static final int SHUT_WR = 1;
  static final int SHUT_RDWR = 2;

  /** {@code struct msghdr}: msg_iov 16, msg_iovlen 24; the rest is zero. */
  static final int MSGHDR_SIZE = 56;

  static final int MSG_IOV_OFFSET = 16;
  static final int MSG_IOVLEN_OFFSET = 24;

  private final Fd fd;

  Socket(Fd fd) {
    this.fd = fd;
  }

  /**
   * Begins to connect. The socket is writable when that is over, and {@link #tryTakeError} then
   * says how it went.
   *
   * @param role for error texts: {@code disk nbd://server/data}
   * @throws SyscallException where it fails at once: ECONNREFUSED or ENOENT for a Unix socket that
   *     nobody listens at, EAGAIN for one whose queue is full, ENETUNREACH without a route
   */
  public static Socket connect(SocketAddress address, String role) {
    return connect(address, STREAM, role);
  }

  /**
   * The same to a Unix socket of messages.
   *
   * @throws SyscallException EPROTOTYPE where it is one of streams, and as {@link #connect}
   */
  public static Socket connectMessages(SocketAddress address, String role) {
    return connect(address, MESSAGES, role);
  }

  private static Socket connect(SocketAddress address, int type, String role) {
    CallState state = CallState.current();
    long n = Syscall.call(state, SyscallNumber.SOCKET, address.family(), type, 0);
    Socket socket = new Socket(new Fd((int) Syscall.check(n, "socket", role), role));
    int length = address.write(state.scratch());
    long result =
        Syscall.call(
            state, SyscallNumber.CONNECT, socket.fd.number(), state.scratch().address(), length);
    // EINTR: it goes on by itself, as connect(2) says; never to be called again.
    if (result < 0 && result != -Errno.EINPROGRESS && result != -Errno.EINTR) {
      socket.close();
      throw new SyscallException("connect", address.toString(), (int) -result);
    }
    return socket;
  }

  /** Two Unix sockets that are connected with each other. */
  public static Socket[] pair(String role) {
    return pair(STREAM, role);
  }

  /** The same, for messages. */
  public static Socket[] messagePair(String role) {
    return pair(MESSAGES, role);
  }

  private static Socket[] pair(int type, String role) {
    CallState state = CallState.current();
    MemorySegment numbers = state.scratch();
    long result =
        Syscall.call(
            state, SyscallNumber.SOCKETPAIR, SocketAddress.AF_UNIX, type, 0, numbers.address());
    Syscall.check(result, "socketpair", role);
    int first = numbers.get(ValueLayout.JAVA_INT, 0);
    int second = numbers.get(ValueLayout.JAVA_INT, Integer.BYTES);
    return new Socket[] {new Socket(new Fd(first, role)), new Socket(new Fd(second, role))};
  }

  /**
   * A connected socket that this process was given. The descriptor stays the caller's and may be
   * closed at once; what it stands for no longer waits in any call.
   *
   * @throws SyscallException ENOTSOCK or EBADF where it is none, EPROTOTYPE for one that is neither
   *     of streams nor of messages
   */
  public static Socket inherited(int number, String role) {
    if (!isMessages(number, role) && option(number, SO_TYPE, "SO_TYPE", role) != SOCK_STREAM) {
      throw new SyscallException("socket type", role, Errno.EPROTOTYPE);
    }
    return new Socket(copyOf(number, role));
  }

  /** Whether a descriptor is a socket of messages. */
  public static boolean isMessages(int number, String role) {
    return option(number, SO_TYPE, "SO_TYPE", role) == SOCK_SEQPACKET;
  }

  /** Whether a descriptor is a socket that others connect to. */
  public static boolean isListening(int number, String role) {
    return option(number, SO_ACCEPTCONN, "SO_ACCEPTCONN", role) != 0;
  }

  static Fd copyOf(int number, String role) {
    Fd fd = Fcntl.copy(number, role);
    Fcntl.setNonBlocking(fd);
    return fd;
  }

  private static int option(int number, int option, String text, String role) {
    CallState state = CallState.current();
    MemorySegment value = state.scratch();
    value.set(ValueLayout.JAVA_INT, 0, 0);
    value.set(ValueLayout.JAVA_INT, Integer.BYTES, Integer.BYTES);
    long at = value.address();
    long result =
        Syscall.call(
            state, SyscallNumber.GETSOCKOPT, number, SOL_SOCKET, option, at, at + Integer.BYTES, 0);
    Syscall.check(result, "getsockopt(" + text + ")", role);
    return value.get(ValueLayout.JAVA_INT, 0);
  }

  /** The descriptor, for epoll. It stays this object's. */
  public Fd fd() {
    return fd;
  }

  /**
   * Hot: bytes received, 0 at the end, {@code -EAGAIN} where there is nothing yet, or {@code
   * -errno}.
   */
  public long tryReceive(CallState state, long address, long length) {
    return Syscall.call(state, SyscallNumber.READ, fd.number(), address, length);
  }

  /** Hot: the same into an array of {@code struct iovec}, at most 1024 of them. */
  public long tryReceiveVector(CallState state, long iovecs, int count) {
    return Syscall.call(state, SyscallNumber.READV, fd.number(), iovecs, count);
  }

  /** As {@link #tryReceive}, but what was received is received again by the next call. */
  public long tryPeek(CallState state, long address, long length) {
    return Syscall.call(
        state, SyscallNumber.RECVFROM, fd.number(), address, length, MSG_PEEK, 0, 0);
  }

  /**
   * Hot: takes one message of a socket of messages.
   *
   * @param iovecs an array of {@code struct iovec}, at most 1024 of them
   * @return how long the message was, of which there is as much as there was room for, 0 at the end
   *     (or for an empty message, which looks the same), {@code -EAGAIN} where there is none yet,
   *     or {@code -errno}
   */
  public long tryReceiveMessage(CallState state, long iovecs, int count) {
    MemorySegment message = message(state, iovecs, count);
    return Syscall.call(state, SyscallNumber.RECVMSG, fd.number(), message.address(), MSG_TRUNC);
  }

  private static MemorySegment message(CallState state, long iovecs, int count) {
    MemorySegment message = state.scratch();
    for (int at = 0; at < MSGHDR_SIZE; at += Long.BYTES) {
      message.set(ValueLayout.JAVA_LONG, at, 0);
    }
    message.set(ValueLayout.JAVA_LONG, MSG_IOV_OFFSET, iovecs);
    message.set(ValueLayout.JAVA_LONG, MSG_IOVLEN_OFFSET, count);
    return message;
  }

  /**
   * Hot: bytes sent, fewer than there are where there is no room for all, {@code -EAGAIN} where
   * there is none or the connection is not there yet, or {@code -errno}.
   */
  public long trySend(CallState state, long address, long length) {
    return Syscall.call(
        state, SyscallNumber.SENDTO, fd.number(), address, length, MSG_NOSIGNAL, 0, 0);
  }

  /** Hot: the same from an array of {@code struct iovec}, at most 1024 of them. */
  public long trySendVector(CallState state, long iovecs, int count) {
    MemorySegment message = message(state, iovecs, count);
    return Syscall.call(state, SyscallNumber.SENDMSG, fd.number(), message.address(), MSG_NOSIGNAL);
  }

  /** Takes the error that is waiting, 0 where there is none: how {@link #connect} went. */
  public int tryTakeError(CallState state) {
    MemorySegment option = state.scratch();
    option.set(ValueLayout.JAVA_INT, 0, 0);
    option.set(ValueLayout.JAVA_INT, Integer.BYTES, Integer.BYTES);
    long address = option.address();
    long result =
        Syscall.call(
            state,
            SyscallNumber.GETSOCKOPT,
            fd.number(),
            SOL_SOCKET,
            SO_ERROR,
            address,
            address + Integer.BYTES,
            0);
    return result < 0 ? (int) -result : option.get(ValueLayout.JAVA_INT, 0);
  }

  /** TCP: small messages leave at once. */
  public void setNoDelay() {
    setOption(IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
  }

  /**
   * TCP: an idle connection is asked for a sign of life.
   *
   * @param idleSeconds before the first question
   * @param intervalSeconds between questions
   * @param count of questions without an answer that end the connection with ETIMEDOUT
   */
  public void setKeepAlive(int idleSeconds, int intervalSeconds, int count) {
    setOption(SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE");
    setOption(IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds, "TCP_KEEPIDLE");
    setOption(IPPROTO_TCP, TCP_KEEPINTVL, intervalSeconds, "TCP_KEEPINTVL");
    setOption(IPPROTO_TCP, TCP_KEEPCNT, count, "TCP_KEEPCNT");
  }

  /** TCP: what was sent and not acknowledged for so long ends the connection with ETIMEDOUT. */
  public void setUserTimeout(int millis) {
    setOption(IPPROTO_TCP, TCP_USER_TIMEOUT, millis, "TCP_USER_TIMEOUT");
  }

  /** How much the kernel may hold in each direction; it doubles the number for its own needs. */
  public void setBuffers(int sendBytes, int receiveBytes) {
    setOption(SOL_SOCKET, SO_SNDBUF, sendBytes, "SO_SNDBUF");
    setOption(SOL_SOCKET, SO_RCVBUF, receiveBytes, "SO_RCVBUF");
  }

  private void setOption(int level, int name, int value, String text) {
    CallState state = CallState.current();
    MemorySegment option = state.scratch();
    option.set(ValueLayout.JAVA_INT, 0, value);
    long result =
        Syscall.call(
            state,
            SyscallNumber.SETSOCKOPT,
            fd.number(),
            level,
            name,
            option.address(),
            Integer.BYTES,
            0);
    Syscall.check(result, "setsockopt(" + text + ")", fd.role());
  }

  /** Sends no more: the other side reads the end, what it sends still comes. */
  public long tryShutdownOutput(CallState state) {
    return Syscall.call(state, SyscallNumber.SHUTDOWN, fd.number(), SHUT_WR, 0);
  }

  /**
   * Receives no more: who waits for something reads the end, what is to be sent still goes. Any
   * thread.
   */
  public long tryShutdownInput(CallState state) {
    return Syscall.call(state, SyscallNumber.SHUTDOWN, fd.number(), SHUT_RD, 0);
  }

  /** Neither receives nor sends: who waits for either is woken. Any thread. */
  public long tryShutdown(CallState state) {
    return Syscall.call(state, SyscallNumber.SHUTDOWN, fd.number(), SHUT_RDWR, 0);
  }

  /**
   * Waits until there is something to receive, an end or an error included; for cold paths.
   *
   * @return false where the time was over before, or the wait was interrupted
   */
  public boolean awaitReadable(CallState state, int timeoutMillis) {
    return Poll.await(state, fd, Poll.POLLIN, timeoutMillis);
  }

  /** The same for room to send, or the end of {@link #connect}. */
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
