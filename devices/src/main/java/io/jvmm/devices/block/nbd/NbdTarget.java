package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.DiskException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What an NBD URI names ({@code doc/uri.md}):
 *
 * <pre>
 * nbd://HOST[:PORT]/EXPORT             TCP
 * nbd+unix:///EXPORT?socket=PATH       a Unix socket
 * nbds://…  nbds+unix://…              the same with TLS
 * </pre>
 *
 * Of parameters besides {@code socket} there are {@code reconnect=SECONDS}, {@code timeout=SECONDS}
 * and, with TLS, {@code tls-ca=FILE}.
 *
 * @param text the URI, for people
 * @param host a name or an address, null for a Unix socket
 * @param port of TCP
 * @param socketPath null for TCP
 * @param export the export's name; empty is the server's default
 * @param tls whether the connection has to be encrypted
 * @param tlsCa PEM file with the certificates that the server's has to come from; null trusts what
 *     Java trusts
 * @param reconnectSeconds for how long requests wait for a server that is gone before they fail; 0
 *     waits for ever, as for a disk that hangs
 * @param timeoutSeconds for how long a server that has requests may neither send nor take a byte
 *     before it counts as gone; 0 for ever
 */
public record NbdTarget(
    String text,
    @Nullable String host,
    int port,
    @Nullable String socketPath,
    String export,
    boolean tls,
    @Nullable String tlsCa,
    int reconnectSeconds,
    int timeoutSeconds) {

  /** What a request takes on a server in trouble (a flush, a trim) is well below. */
  static final int TIMEOUT_DEFAULT = 120;

  private static final String UNIX = "+unix";
  private static final int PORT_MAX = 65535;

  /** A day: more is as good as for ever. */
  private static final int SECONDS_MAX = 24 * 60 * 60;

  /** Whether this is meant to be an NBD URI, and not a path. */
  public static boolean isUri(String text) {
    return text.startsWith("nbd://")
        || text.startsWith("nbds://")
        || text.startsWith("nbd+unix://")
        || text.startsWith("nbds+unix://");
  }

  /**
   * Reads a URI.
   *
   * @throws DiskException saying what is wrong with it
   */
  public static NbdTarget parse(String text) {
    if (!isUri(text)) {
      throw new DiskException(text, "is no NBD URI: nbd://HOST[:PORT]/EXPORT");
    }
    int schemeEnd = text.indexOf("://");
    String scheme = text.substring(0, schemeEnd);
    boolean tls = scheme.startsWith("nbds");
    int start = schemeEnd + 3;
    int query = text.indexOf('?', start);
    int end = query < 0 ? text.length() : query;
    int slash = text.indexOf('/', start);
    if (slash < 0 || slash > end) {
      slash = end;
    }
    String authority = text.substring(start, slash);
    String export = slash == end ? "" : decode(text, text.substring(slash + 1, end));
    if (export.getBytes(StandardCharsets.UTF_8).length > NbdProtocol.STRING_MAX) {
      throw new DiskException(text, "has a name of more than " + NbdProtocol.STRING_MAX + " bytes");
    }
    Parameters parameters = new Parameters(text, query < 0 ? "" : text.substring(query + 1));
    if (parameters.tlsCa != null && !tls) {
      throw new DiskException(text, "has tls-ca, but no TLS: write nbds:// or nbds+unix://");
    }
    if (scheme.endsWith(UNIX)) {
      return unix(text, authority, parameters, export, tls);
    }
    if (parameters.socket != null) {
      throw new DiskException(text, "names a socket: nbd+unix:///EXPORT?socket=PATH");
    }
    return internet(text, authority, parameters, export, tls);
  }

  /** What stands behind the question mark. */
  private static final class Parameters {
    @Nullable String socket;
    @Nullable String tlsCa;
    int reconnectSeconds;
    int timeoutSeconds = TIMEOUT_DEFAULT;

    Parameters(String text, String query) {
      int at = 0;
      while (at < query.length()) {
        int and = query.indexOf('&', at);
        int end = and < 0 ? query.length() : and;
        int equals = query.indexOf('=', at);
        String name = query.substring(at, equals < 0 || equals > end ? end : equals);
        String value = at + name.length() < end ? query.substring(at + name.length() + 1, end) : "";
        switch (name) {
          case "socket" -> socket = decode(text, value);
          case "tls-ca" -> tlsCa = decode(text, value);
          case "reconnect" -> reconnectSeconds = seconds(text, name, value, 1);
          case "timeout" -> timeoutSeconds = seconds(text, name, value, 0);
          default ->
              throw new DiskException(
                  text,
                  "has a parameter '"
                      + name
                      + "'; there are socket, reconnect, timeout and tls-ca");
        }
        at = end + 1;
      }
    }
  }

  private static int seconds(String text, String name, String value, int min) {
    int seconds = number(value, SECONDS_MAX);
    if (seconds < min) {
      throw new DiskException(
          text,
          "has a " + name + " that is not between " + min + " and " + SECONDS_MAX + " seconds");
    }
    return seconds;
  }

  private static NbdTarget unix(
      String text, String authority, Parameters parameters, String export, boolean tls) {
    if (!authority.isEmpty()) {
      throw new DiskException(
          text, "names a host, but is a Unix socket: nbd+unix:///EXPORT?socket=PATH");
    }
    String socket = parameters.socket;
    if (socket == null || socket.isEmpty()) {
      throw new DiskException(text, "names no socket: nbd+unix:///EXPORT?socket=PATH");
    }
    return new NbdTarget(
        text,
        null,
        0,
        socket,
        export,
        tls,
        parameters.tlsCa,
        parameters.reconnectSeconds,
        parameters.timeoutSeconds);
  }

  private static NbdTarget internet(
      String text, String authority, Parameters parameters, String export, boolean tls) {
    String host = authority;
    String port = "";
    int colon = authority.lastIndexOf(':');
    if (authority.startsWith("[")) {
      int bracket = authority.indexOf(']');
      if (bracket < 0 || (bracket + 1 < authority.length() && colon != bracket + 1)) {
        throw new DiskException(text, "has no host: an IPv6 address stands in [ ]");
      }
      host = authority.substring(1, bracket);
      port = colon > bracket ? authority.substring(colon + 1) : "";
    } else if (colon >= 0) {
      host = authority.substring(0, colon);
      port = authority.substring(colon + 1);
    }
    if (host.isEmpty()) {
      throw new DiskException(text, "names no host: nbd://HOST[:PORT]/EXPORT");
    }
    return new NbdTarget(
        text,
        host,
        port(text, port),
        null,
        export,
        tls,
        parameters.tlsCa,
        parameters.reconnectSeconds,
        parameters.timeoutSeconds);
  }

  private static int port(String text, String digits) {
    if (digits.isEmpty()) {
      return NbdProtocol.DEFAULT_PORT;
    }
    int port = number(digits, PORT_MAX);
    if (port < 1) {
      throw new DiskException(text, "has a port that is not between 1 and " + PORT_MAX);
    }
    return port;
  }

  /** A number of decimal digits up to {@code max}, or -1. */
  private static int number(String digits, int max) {
    int number = digits.isEmpty() ? -1 : 0;
    for (int i = 0; i < digits.length() && number >= 0; i++) {
      int digit = digits.charAt(i) - '0';
      number = digit < 0 || digit > 9 || number > (max - digit) / 10 ? -1 : 10 * number + digit;
    }
    return number;
  }

  /** Percent-encoded bytes of UTF-8 become what they stand for. */
  private static String decode(String text, String encoded) {
    if (encoded.indexOf('%') < 0) {
      return encoded;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
    byte[] from = encoded.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < from.length; i++) {
      if (from[i] != '%') {
        bytes.write(from[i]);
        continue;
      }
      int high = i + 2 < from.length ? Character.digit(from[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(from[i + 2], 16);
      if (low < 0) {
        throw new DiskException(text, "has a % without two hexadecimal digits (% itself is %25)");
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
