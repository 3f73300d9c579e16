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

/**
 * A stream socket, TCP or Unix; non-blocking, closed on exec. Sending to one that is gone answers
 * {@code -EPIPE} and raises no signal.
 *
 * <p>Threads: one thread sends, one receives, each with its own {@link CallState}; the owner closes
 * after both have stopped.
 */
public final class Socket implements AutoCloseable {
  static final int SOCK_STREAM = 1; // linux/net.h
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;

  /** What each of our sockets is. */
  static final int STREAM = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

  static final int SOL_SOCKET = 1; // asm-generic/socket.h
  static final int SO_ERROR = 4;
  static final int SO_SNDBUF = 7;
  static final int SO_RCVBUF = 8;
  static final int SO_KEEPALIVE = 9;
  static final int IPPROTO_TCP = 6; // linux/in.h
  static final int TCP_NODELAY = 1; // linux/tcp.h
  static final int TCP_KEEPIDLE = 4;
  static final int TCP_KEEPINTVL = 5;
  static final int TCP_KEEPCNT = 6;
  static final int TCP_USER_TIMEOUT = 18;
  static final int MSG_NOSIGNAL = 0x4000; // linux/socket.h
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
    CallState state = CallState.current();
    long n = Syscall.call(state, SyscallNumber.SOCKET, address.family(), STREAM, 0);
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
    CallState state = CallState.current();
    MemorySegment numbers = state.scratch();
    long result =
        Syscall.call(
            state, SyscallNumber.SOCKETPAIR, SocketAddress.AF_UNIX, STREAM, 0, numbers.address());
    Syscall.check(result, "socketpair", role);
    int first = numbers.get(ValueLayout.JAVA_INT, 0);
    int second = numbers.get(ValueLayout.JAVA_INT, Integer.BYTES);
    return new Socket[] {new Socket(new Fd(first, role)), new Socket(new Fd(second, role))};
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
    MemorySegment message = state.scratch();
    for (int at = 0; at < MSGHDR_SIZE; at += Long.BYTES) {
      message.set(ValueLayout.JAVA_LONG, at, 0);
    }
    message.set(ValueLayout.JAVA_LONG, MSG_IOV_OFFSET, iovecs);
    message.set(ValueLayout.JAVA_LONG, MSG_IOVLEN_OFFSET, count);
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
