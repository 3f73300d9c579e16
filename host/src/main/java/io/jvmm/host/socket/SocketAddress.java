package io.jvmm.host.socket;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Where a socket can be reached: a Unix socket's path, or an Internet address and port. Immutable;
 * holds the {@code struct sockaddr} as the kernel takes it.
 */
public final class SocketAddress {
  static final int AF_UNIX = 1; // linux/socket.h
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  /** {@code struct sockaddr_in}: sin_family 0, be16 sin_port 2, sin_addr 4. */
  static final int SOCKADDR_IN_SIZE = 16;

  /**
   * {@code struct sockaddr_in6}: sin6_family 0, be16 sin6_port 2, sin6_addr 8, sin6_scope_id 24.
   */
  static final int SOCKADDR_IN6_SIZE = 28;

  /** {@code struct sockaddr_un}: sun_family 0, sun_path 2. */
  static final int SOCKADDR_UN_SIZE = 110;

  static final int PORT_OFFSET = 2;
  static final int SIN_ADDR_OFFSET = 4;
  static final int SIN6_ADDR_OFFSET = 8;
  static final int SIN6_SCOPE_ID_OFFSET = 24;
  static final int SUN_PATH_OFFSET = 2;

  private static final int IN_ADDR_SIZE = 4;
  private static final int IN6_ADDR_SIZE = 16;
  private static final int PORT_MAX = 65535;

  private final byte[] bytes;
  private final String text;

  private SocketAddress(byte[] bytes, String text) {
    this.bytes = bytes;
    this.text = text;
  }

  /**
   * A Unix socket in the file system.
   *
   * @throws SyscallException ENAMETOOLONG for more than 107 bytes, EINVAL for none or a NUL inside
   */
  public static SocketAddress unix(String path) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length >= SOCKADDR_UN_SIZE - SUN_PATH_OFFSET) {
      throw new SyscallException("socket address", path, Errno.ENAMETOOLONG);
    }
    if (name.length == 0 || path.indexOf('\0') >= 0) {
      throw new SyscallException("socket address", path, Errno.EINVAL);
    }
    byte[] struct = new byte[SUN_PATH_OFFSET + name.length + 1];
    struct[0] = AF_UNIX;
    System.arraycopy(name, 0, struct, SUN_PATH_OFFSET, name.length);
    return new SocketAddress(struct, path);
  }

  /**
   * An Internet address.
   *
   * @param address 4 bytes (IPv4) or 16 (IPv6), most significant first
   * @param scope the interface of a link-local IPv6 address, else 0
   * @param port 0 to 65535
   * @param text for people: {@code server.example:10809}
   */
  public static SocketAddress internet(byte[] address, int scope, int port, String text) {
    if (port < 0 || port > PORT_MAX) {
      throw new IllegalArgumentException("port " + port);
    }
    byte[] struct;
    if (address.length == IN_ADDR_SIZE) {
      struct = new byte[SOCKADDR_IN_SIZE];
      struct[0] = AF_INET;
      System.arraycopy(address, 0, struct, SIN_ADDR_OFFSET, IN_ADDR_SIZE);
    } else if (address.length == IN6_ADDR_SIZE) {
      struct = new byte[SOCKADDR_IN6_SIZE];
      struct[0] = AF_INET6;
      System.arraycopy(address, 0, struct, SIN6_ADDR_OFFSET, IN6_ADDR_SIZE);
      ByteBuffer.wrap(struct).order(ByteOrder.nativeOrder()).putInt(SIN6_SCOPE_ID_OFFSET, scope);
    } else {
      throw new IllegalArgumentException("an address of " + address.length + " bytes");
    }
    struct[PORT_OFFSET] = (byte) (port >> 8); // network order
    struct[PORT_OFFSET + 1] = (byte) port;
    return new SocketAddress(struct, text);
  }

  /** One of AF. */
  int family() {
    return bytes[0];
  }

  /** Whether it is a TCP address. */
  public boolean isInternet() {
    return family() != AF_UNIX;
  }

  /**
   * Writes the struct.
   *
   * @return its length
   */
  int write(MemorySegment to) {
    MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return bytes.length;
  }

  @Override
  public String toString() {
    return text;
  }
}
