package io.jvmm.devices.net;

import io.jvmm.host.socket.IpLiteral;

/**
 * A port of the host that leads to one of the guest.
 *
 * @param protocol of both
 * @param address of the host, where the port is, as a number: {@code 127.0.0.1}, {@code ::1}; empty
 *     for every IPv4 address
 * @param hostPort {@value #PORT_MIN} to {@value #PORT_MAX}
 * @param guestPort likewise
 */
public record HostForward(Protocol protocol, String address, int hostPort, int guestPort) {
  /** The lowest port. */
  public static final int PORT_MIN = 1;

  /** The highest port. */
  public static final int PORT_MAX = 65_535;

  private static final String ANY = "0.0.0.0";

  /** What is forwarded. */
  public enum Protocol {
    TCP,
    UDP
  }

  /**
   * Checks ports and address.
   *
   * @throws IllegalArgumentException where one is none
   */
  public HostForward {
    if (!isPort(hostPort) || !isPort(guestPort)) {
      throw new IllegalArgumentException("a forward of port " + hostPort + " to " + guestPort);
    }
    if (!address.isEmpty() && IpLiteral.parse(address) == null) {
      throw new IllegalArgumentException("a forward of address " + address);
    }
  }

  /** Whether a number is a port's. */
  public static boolean isPort(long number) {
    return number >= PORT_MIN && number <= PORT_MAX;
  }

  /**
   * As passt takes it. The address is always said: for a port of all addresses passt takes those of
   * IPv6 alone, without a word, where somebody has the port of IPv4.
   */
  String passtPorts() {
    return (address.isEmpty() ? ANY : address) + "/" + hostPort + ":" + guestPort;
  }
}
