package io.jvmm.vmm.cli;

import io.jvmm.devices.net.HostForward;
import io.jvmm.devices.net.HostForward.Protocol;
import io.jvmm.host.socket.IpLiteral;

/**
 * A forward as people write it: {@code PROTOCOL:[ADDRESS:]HOSTPORT:GUESTPORT}, an IPv6 address in
 * brackets.
 *
 * <p>Threads: any.
 */
final class HostForwardText {
  private HostForwardText() {}

  /**
   * The forward that a text describes.
   *
   * @param place names the option in errors
   * @throws UsageException where it cannot be read
   */
  static HostForward parse(String text, String place) {
    int colon = text.indexOf(':');
    int guestAt = text.lastIndexOf(':') + 1;
    int hostAt = text.lastIndexOf(':', guestAt - 2) + 1;
    if (colon < 0 || hostAt <= colon) {
      throw wrong(place, text, "is not PROTOCOL:[ADDRESS:]HOSTPORT:GUESTPORT");
    }
    Protocol protocol =
        switch (text.substring(0, colon)) {
          case "tcp" -> Protocol.TCP;
          case "udp" -> Protocol.UDP;
          default -> throw wrong(place, text, "begins with neither tcp: nor udp:");
        };
    String address = hostAt == colon + 1 ? "" : address(text, colon + 1, hostAt - 1, place);
    int hostPort = port(text, text.substring(hostAt, guestAt - 1), place);
    return new HostForward(protocol, address, hostPort, port(text, text.substring(guestAt), place));
  }

  private static String address(String text, int from, int to, String place) {
    boolean inBrackets = to - from > 2 && text.charAt(from) == '[' && text.charAt(to - 1) == ']';
    String address = inBrackets ? text.substring(from + 1, to - 1) : text.substring(from, to);
    byte[] bytes = IpLiteral.parse(address);
    if (bytes == null || inBrackets != (address.indexOf(':') >= 0)) {
      throw wrong(
          place,
          text,
          "has no address like 127.0.0.1 or [::1] before its ports: '" + address + "'");
    }
    return address;
  }

  private static int port(String text, String port, String place) {
    int number = 0;
    for (int i = 0; i < port.length() && number <= HostForward.PORT_MAX; i++) {
      char digit = port.charAt(i);
      number = digit >= '0' && digit <= '9' ? 10 * number + (digit - '0') : Integer.MAX_VALUE;
    }
    if (!HostForward.isPort(number)) {
      throw wrong(
          place,
          text,
          "has a port that is not between 1 and " + HostForward.PORT_MAX + ": '" + port + "'");
    }
    return number;
  }

  private static UsageException wrong(String place, String text, String what) {
    return new UsageException(place + ": hostfwd: '" + text + "' " + what);
  }
}
