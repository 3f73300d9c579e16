package io.jvmm.devices.vsock;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** The host's programs: those that listen at {@code PATH_PORT}, and those that come to the path. */
final class HostDouble implements AutoCloseable {
  private final Path path;
  private final Map<Integer, ServerSocketChannel> servers = new HashMap<>();
  private final List<SocketChannel> accepted = new CopyOnWriteArrayList<>();

  HostDouble(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  /** Listens at a port. */
  ServerSocketChannel listen(int port) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path + "_" + port), 128);
    servers.put(port, server);
    return server;
  }

  /** Listens at a port, and accepts who comes. */
  void listenInBackground(int port) throws IOException {
    ServerSocketChannel server = listen(port);
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (true) {
                  accepted.add(server.accept());
                }
              } catch (IOException closed) {
                // the test is over
              }
            });
  }

  /** Accepts the next connection of the guest. */
  SocketChannel accept(int port) throws IOException {
    ServerSocketChannel server = servers.get(port);
    assertNotNull(server);
    return server.accept();
  }

  /** One that comes to the path. */
  SocketChannel client() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(path));
    return channel;
  }

  /** Up to so many characters, fewer where the end comes before. */
  static String read(SocketChannel from, int length) throws IOException {
    return new String(readBytes(from, length), StandardCharsets.US_ASCII);
  }

  static byte[] readBytes(SocketChannel from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && from.read(bytes) >= 0) {
      // goes on
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  /** Whether the connection was closed, with what was written to it read or not. */
  static boolean isSentAway(SocketChannel client) {
    try {
      return client.read(ByteBuffer.allocate(1)) < 0;
    } catch (IOException reset) {
      return true;
    }
  }

  /** To the end, whatever it is. */
  static long readAll(SocketChannel from) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    long length = 0;
    while (from.read(bytes.clear()) >= 0) {
      length += bytes.position();
    }
    return length;
  }

  static void write(SocketChannel to, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    for (Map.Entry<Integer, ServerSocketChannel> server : servers.entrySet()) {
      server.getValue().close();
      Files.deleteIfExists(Path.of(path + "_" + server.getKey()));
    }
    for (SocketChannel channel : accepted) {
      channel.close();
    }
  }
}
