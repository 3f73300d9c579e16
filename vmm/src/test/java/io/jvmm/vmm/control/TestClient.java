package io.jvmm.vmm.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A client made of the JDK's own sockets, which sends what it likes. */
final class TestClient implements AutoCloseable {
  private final SocketChannel channel;
  private final ByteBuffer received = ByteBuffer.allocate(1 << 16).flip();

  TestClient(Path path) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(path));
  }

  TestClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  TestClient send(byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left);
    }
    return this;
  }

  /** Says that nothing more comes. */
  TestClient finish() throws IOException {
    channel.shutdownOutput();
    return this;
  }

  /** The next line, or null where the server has closed. */
  @Nullable String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      while (received.hasRemaining()) {
        char c = (char) (received.get() & 0xff);
        if (c == '\n') {
          return line.toString();
        }
        line.append(c);
      }
      received.clear();
      int n = channel.read(received);
      received.flip();
      if (n < 0) {
        return null;
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
