package io.jvmm.devices.net;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Whoever listens at a Unix socket. One that is gone is looked for again.
 *
 * <p>Threads: as its interface says.
 */
public final class UnixPeer implements StreamPeer {
  private final SocketAddress address;

  private UnixPeer(SocketAddress address) {
    this.address = address;
  }

  /**
   * Connects.
   *
   * @throws NetException where nobody listens there, or can: a path has 1 to 107 bytes ({@code
   *     linux/un.h})
   * @throws SyscallException where the host has no descriptor left
   */
  public static StreamBackend open(String path) {
    SocketAddress address;
    try {
      address = SocketAddress.unix(path);
    } catch (SyscallException e) {
      throw new NetException(
          "unix socket " + path,
          e.is(Errno.ENAMETOOLONG) ? "has a path of more than 107 bytes" : "has no path");
    }
    UnixPeer peer = new UnixPeer(address);
    Socket connected;
    try {
      connected = Socket.connect(address, peer.name());
    } catch (SyscallException e) {
      if (e.call().equals("connect")) {
        throw new NetException(peer.name(), "cannot be reached: " + why(e.errno()));
      }
      throw e;
    }
    try {
      return new StreamBackend(peer, connected);
    } catch (SyscallException e) {
      connected.close();
      throw e;
    }
  }

  private static String why(int errno) {
    return switch (errno) {
      case Errno.ECONNREFUSED -> "nobody listens there";
      case Errno.ENOENT -> "it does not exist";
      case Errno.EACCES, Errno.EPERM -> "permission denied";
      case Errno.EAGAIN -> "too many wait for who listens there";
      case Errno.EPROTOTYPE -> "it is no stream socket";
      default -> Errno.symbol(errno);
    };
  }

  @Override
  public String name() {
    return "unix socket " + address;
  }

  @Override
  public int mtu() {
    return 0;
  }

  @Override
  public boolean mayComeBack() {
    return true;
  }

  @Override
  public @Nullable Socket connect() {
    Socket connected;
    try {
      connected = Socket.connect(address, name());
    } catch (SyscallException e) {
      return null;
    }
    if (connected.tryTakeError(CallState.current()) != 0) {
      connected.close();
      return null;
    }
    return connected;
  }

  @Override
  public void hangUp(Socket connection) {
    connection.close();
  }

  @Override
  public void close() {}
}
