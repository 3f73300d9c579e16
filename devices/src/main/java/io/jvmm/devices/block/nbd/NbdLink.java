package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.DiskException;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.SyscallException;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.MemorySegment;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection, from the first call until requests may be sent; never waits, unless in {@link
 * #await}.
 *
 * <p>Threads: one at a time.
 */
final class NbdLink implements AutoCloseable {
  /** How far {@link #proceed} has come. */
  enum Progress {
    /** It goes on when the server has said more, or there is room to send. */
    WAITING,

    /** It can go on at once, in another turn of the thread. */
    MORE,

    READY
  }

  private enum Phase {
    CONNECTING,
    NEGOTIATING,
    READY
  }

  /** A server can send its words byte by byte; the others on the thread get their turns. */
  private static final int MOVES_PER_TURN = 256;

  /** A silent peer is asked after so long, and given up after {@link #DEAD_MILLIS} in all. */
  private static final int KEEP_ALIVE_SECONDS = 15;

  private static final int KEEP_ALIVE_INTERVAL_SECONDS = 5;
  private static final int KEEP_ALIVE_COUNT = 3;
  private static final int DEAD_MILLIS =
      1000 * (KEEP_ALIVE_SECONDS + KEEP_ALIVE_COUNT * KEEP_ALIVE_INTERVAL_SECONDS);

  private final NbdTarget target;
  private final SocketAddress address;
  private final Socket socket;
  private final @Nullable TlsTrust trust;
  private final NbdNegotiation negotiation;
  private final IovecArray window = new IovecArray(1);
  private Phase phase = Phase.CONNECTING;
  private NbdChannel channel;
  private @Nullable TlsChannel tls;

  private NbdLink(
      NbdTarget target, SocketAddress address, @Nullable TlsTrust trust, Socket socket) {
    this.target = target;
    this.address = address;
    this.trust = trust;
    this.socket = socket;
    this.channel = new PlainChannel(socket);
    this.negotiation = new NbdNegotiation(target);
  }

  /**
   * Begins to connect.
   *
   * @param trust for a target with TLS
   * @throws DiskException where it fails at once
   * @throws SyscallException where the host has no descriptor left
   */
  static NbdLink connect(NbdTarget target, SocketAddress address, @Nullable TlsTrust trust) {
    Socket socket;
    try {
      socket = Socket.connect(address, "disk " + target.text());
    } catch (SyscallException e) {
      if (e.call().equals("connect")) {
        throw unreachable(target, address, e.errno());
      }
      throw e;
    }
    try {
      if (address.isInternet()) {
        socket.setNoDelay();
        socket.setKeepAlive(KEEP_ALIVE_SECONDS, KEEP_ALIVE_INTERVAL_SECONDS, KEEP_ALIVE_COUNT);
        socket.setUserTimeout(DEAD_MILLIS);
      }
      return new NbdLink(target, address, trust, socket);
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static DiskException unreachable(NbdTarget target, SocketAddress address, int errno) {
    String why =
        switch (errno) {
          case Errno.ECONNREFUSED -> "no server listens at " + address;
          case Errno.ENOENT -> "there is no socket " + address;
          case Errno.EACCES, Errno.EPERM -> "permission to use " + address + " is denied";
          case Errno.EAGAIN -> "the server at " + address + " has too many to serve";
          default -> "no way to " + address + " (" + Errno.symbol(errno) + ")";
        };
    return new DiskException(target.text(), "cannot be reached: " + why);
  }

  /** The socket's, for an event loop. */
  Fd fd() {
    return socket.fd();
  }

  /**
   * Goes on as far as it can in a turn. Once it is ready, requests may be sent, and the export is
   * known.
   *
   * @throws DiskException where the server cannot be reached or used
   */
  Progress proceed(CallState state) {
    if (phase == Phase.CONNECTING && socket.awaitWritable(state, 0)) {
      int errno = socket.tryTakeError(state);
      if (errno != 0) {
        throw unreachable(target, address, errno);
      }
      phase = Phase.NEGOTIATING;
    }
    return switch (phase) {
      case CONNECTING -> Progress.WAITING;
      case NEGOTIATING -> negotiate(state);
      case READY -> Progress.READY;
    };
  }

  private Progress negotiate(CallState state) {
    TlsChannel started = tls;
    if (started != null) {
      started.beginTurn();
    }
    for (int left = MOVES_PER_TURN; left > 0; left--) {
      NbdNegotiation.Next next = negotiation.next();
      if (next == NbdNegotiation.Next.DONE) {
        phase = Phase.READY;
        return Progress.READY;
      }
      long moved =
          switch (next) {
            case SEND -> send(state);
            case RECEIVE -> receive(state);
            default -> startTls(state);
          };
      if (moved == -Errno.EAGAIN) {
        return Progress.WAITING;
      }
      if (moved == NbdChannel.ENOUGH) {
        return Progress.MORE;
      }
    }
    return Progress.MORE;
  }

  private long startTls(CallState state) {
    try {
      TlsChannel started = tls;
      if (started == null) {
        if (trust == null) {
          throw new IllegalStateException("TLS without trust");
        }
        started = new TlsChannel(socket, trust.engine());
        tls = started;
      }
      long result = started.handshake(state);
      if (result > 0) {
        channel = started;
        negotiation.tlsStarted();
      }
      return result;
    } catch (SSLException e) {
      throw new DiskException(target.text(), "cannot be used: TLS: " + e.getMessage());
    }
  }

  private long send(CallState state) {
    show(negotiation.output());
    long n = channel.send(state, window);
    if (n > 0) {
      negotiation.sent(n);
    }
    return checked(n);
  }

  private long receive(CallState state) {
    show(negotiation.input());
    long n = channel.receive(state, window);
    if (n == 0) {
      throw new DiskException(
          target.text(), "cannot be used: the server hung up before it had offered the export");
    }
    if (n > 0) {
      negotiation.received(n);
    }
    return checked(n);
  }

  private void show(MemorySegment memory) {
    window.clear();
    window.add(memory.address(), memory.byteSize());
  }

  private long checked(long n) {
    if (n < 0 && n != -Errno.EAGAIN && n != -Errno.EINTR && n != NbdChannel.ENOUGH) {
      throw new DiskException(
          target.text(), "cannot be used: the connection broke (" + Errno.symbol((int) -n) + ")");
    }
    return n;
  }

  /** Waits until {@link #proceed} can go on; false where the time was over before. */
  boolean await(CallState state, int millis) {
    boolean toSend =
        phase == Phase.CONNECTING
            || switch (negotiation.next()) {
              case SEND -> true;
              case START_TLS -> tls != null && tls.isSending();
              default -> false;
            };
    return toSend ? socket.awaitWritable(state, millis) : socket.awaitReadable(state, millis);
  }

  boolean isReady() {
    return phase == Phase.READY;
  }

  /** Where requests go. */
  NbdChannel channel() {
    return channel;
  }

  NbdExport export() {
    return negotiation.export();
  }

  @Override
  public void close() {
    TlsChannel started = tls;
    if (started != null) {
      started.close();
    }
    socket.close();
    negotiation.close();
    window.close();
  }
}
