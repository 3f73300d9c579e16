package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.DiskException;
import io.jvmm.host.SyscallException;
import io.jvmm.host.socket.IpLiteral;
import io.jvmm.host.socket.SocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Where a target can be reached. A name is looked up once, before the machine runs: it may take
 * long.
 */
final class NbdAddresses {
  private NbdAddresses() {}

  /**
   * All of them, at least one.
   *
   * @throws DiskException where the name is unknown
   */
  static SocketAddress[] of(NbdTarget target) {
    String path = target.socketPath();
    if (path != null) {
      return new SocketAddress[] {unix(target, path)};
    }
    String host = String.valueOf(target.host());
    byte[] literal = IpLiteral.parse(host);
    if (literal != null) {
      return new SocketAddress[] {
        SocketAddress.internet(literal, 0, target.port(), text(target, host, literal.length))
      };
    }
    return Lookup.of(target, host);
  }

  private static SocketAddress unix(NbdTarget target, String path) {
    try {
      return SocketAddress.unix(path);
    } catch (SyscallException e) {
      throw new DiskException(
          target.text(), "has a socket path that is none: empty, too long (107 bytes) or with NUL");
    }
  }

  private static String text(NbdTarget target, String host, int length) {
    return (length > 4 ? "[" + host + "]" : host) + ":" + target.port();
  }

  /** The classes of java.net are loaded for a name alone. */
  private static final class Lookup {
    static SocketAddress[] of(NbdTarget target, String host) {
      InetAddress[] found;
      try {
        found = InetAddress.getAllByName(host);
      } catch (UnknownHostException e) {
        throw new DiskException(target.text(), "cannot be reached: no host is called " + host);
      }
      SocketAddress[] addresses = new SocketAddress[found.length];
      for (int i = 0; i < found.length; i++) {
        int scope = found[i] instanceof Inet6Address six ? six.getScopeId() : 0;
        byte[] bytes = found[i].getAddress();
        String number = found[i].getHostAddress();
        addresses[i] =
            SocketAddress.internet(
                bytes, scope, target.port(), host + " " + text(target, number, bytes.length));
      }
      return addresses;
    }
  }
}
