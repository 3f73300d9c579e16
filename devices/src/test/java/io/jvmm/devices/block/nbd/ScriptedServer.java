package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Plays an NBD server at a Unix socket, word by word as a test says.
 *
 * <p>Threads: the test's.
 */
final class ScriptedServer implements AutoCloseable {
  static final int ALL_FLAGS =
      NbdProtocol.FLAG_HAS_FLAGS
          | NbdProtocol.FLAG_SEND_FLUSH
          | NbdProtocol.FLAG_SEND_FUA
          | NbdProtocol.FLAG_SEND_TRIM
          | NbdProtocol.FLAG_SEND_WRITE_ZEROES;

  private final Path path;
  private final ServerSocketChannel listener;

  ScriptedServer(Path path) throws IOException {
    this.path = path;
    Files.deleteIfExists(path);
    this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(path));
  }

  String uri() {
    return "nbd+unix:///data?socket=" + path;
  }

  /** Waits for the next client. */
  Peer accept() throws IOException {
    return new Peer(listener.accept());
  }

  /** Nobody is reached here any more; who is connected stays. */
  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(path);
  }

  /** A request as it came. */
  record Request(int flags, int type, long cookie, long offset, int length, ByteBuffer data) {}

  /** One client. */
  static final class Peer implements AutoCloseable {
    private final SocketChannel channel;

    Peer(SocketChannel channel) {
      this.channel = channel;
    }

    ByteBuffer receive(int bytes) throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(bytes);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new EOFException("the client hung up");
        }
      }
      return buffer.flip();
    }

    /** Whether the client hangs up without another word. */
    boolean hangsUp() {
      try {
        return channel.read(ByteBuffer.allocate(1)) < 0;
      } catch (IOException e) {
        return true;
      }
    }

    Peer send(ByteBuffer buffer) throws IOException {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      return this;
    }

    Peer send(byte... bytes) throws IOException {
      return send(ByteBuffer.wrap(bytes));
    }

    Peer greet() throws IOException {
      return greet(NbdProtocol.FLAG_FIXED_NEWSTYLE | NbdProtocol.FLAG_NO_ZEROES);
    }

    Peer greet(int flags) throws IOException {
      return send(
          ByteBuffer.allocate(18)
              .putLong(NbdProtocol.INIT_MAGIC)
              .putLong(NbdProtocol.OPTION_MAGIC)
              .putShort((short) flags)
              .flip());
    }

    int clientFlags() throws IOException {
      return receive(4).getInt();
    }

    /** Takes an option of that number; answers its data. */
    ByteBuffer option(int number) throws IOException {
      ByteBuffer header = receive(16);
      assertEquals(NbdProtocol.OPTION_MAGIC, header.getLong());
      assertEquals(number, header.getInt());
      return receive(header.getInt());
    }

    Peer reply(int option, int type, ByteBuffer data) throws IOException {
      return send(
          ByteBuffer.allocate(20 + data.remaining())
              .putLong(NbdProtocol.OPTION_REPLY_MAGIC)
              .putInt(option)
              .putInt(type)
              .putInt(data.remaining())
              .put(data)
              .flip());
    }

    Peer reply(int option, int type, String text) throws IOException {
      return reply(option, type, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    Peer tellExport(long size, int flags) throws IOException {
      return reply(
          NbdProtocol.OPT_GO,
          NbdProtocol.REP_INFO,
          ByteBuffer.allocate(12)
              .putShort((short) NbdProtocol.INFO_EXPORT)
              .putLong(size)
              .putShort((short) flags)
              .flip());
    }

    Peer tellBlockSizes(int minimum, int preferred, int maximum) throws IOException {
      return reply(
          NbdProtocol.OPT_GO,
          NbdProtocol.REP_INFO,
          ByteBuffer.allocate(14)
              .putShort((short) NbdProtocol.INFO_BLOCK_SIZE)
              .putInt(minimum)
              .putInt(preferred)
              .putInt(maximum)
              .flip());
    }

    Peer acknowledge() throws IOException {
      return reply(NbdProtocol.OPT_GO, NbdProtocol.REP_ACK, "");
    }

    /** The whole handshake. */
    Peer offer(long size, int flags) throws IOException {
      greet();
      assertEquals(3, clientFlags());
      option(NbdProtocol.OPT_GO);
      return tellExport(size, flags).acknowledge();
    }

    Request request() throws IOException {
      ByteBuffer header = receive(28);
      assertEquals(NbdProtocol.REQUEST_MAGIC, header.getInt());
      int flags = header.getShort();
      int type = header.getShort();
      long cookie = header.getLong();
      long offset = header.getLong();
      int length = header.getInt();
      int data = type == NbdProtocol.CMD_WRITE ? length : 0;
      return new Request(flags, type, cookie, offset, length, receive(data));
    }

    Request request(int type) throws IOException {
      Request request = request();
      assertEquals(type, request.type);
      return request;
    }

    static ByteBuffer simpleReply(long cookie, int error) {
      return ByteBuffer.allocate(16)
          .putInt(NbdProtocol.SIMPLE_REPLY_MAGIC)
          .putInt(error)
          .putLong(cookie)
          .flip();
    }

    Peer answer(Request request, int error) throws IOException {
      return send(simpleReply(request.cookie, error));
    }

    Peer answer(Request request, byte[] data) throws IOException {
      return send(
          ByteBuffer.allocate(16 + data.length)
              .put(simpleReply(request.cookie, 0))
              .put(data)
              .flip());
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
