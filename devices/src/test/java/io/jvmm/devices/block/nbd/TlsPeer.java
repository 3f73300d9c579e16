package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * The server's end of one connection with TLS.
 *
 * <p>Threads: the test's.
 */
final class TlsPeer implements AutoCloseable {
  private static final int HANG_MILLIS = 60_000;
  private static final int COOKIE_OFFSET = 8;

  private final CallState state = CallState.current();
  private final Socket socket;
  private final SSLEngine engine;
  private final TlsChannel channel;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory = arena.allocate(4096);
  private final IovecArray buffer = new IovecArray(1);

  TlsPeer(Socket socket, SSLEngine engine) throws SSLException {
    this.socket = socket;
    this.engine = engine;
    this.channel = new TlsChannel(socket, engine);
  }

  /** Begins, before there is TLS. */
  void greet() {
    sendPlain(
        ByteBuffer.allocate(18)
            .putLong(NbdProtocol.INIT_MAGIC)
            .putLong(NbdProtocol.OPTION_MAGIC)
            .putShort((short) (NbdProtocol.FLAG_FIXED_NEWSTYLE | NbdProtocol.FLAG_NO_ZEROES)));
  }

  /** Takes the client's flags and its wish for TLS, and grants it. */
  void grantTls() {
    receive(new PlainChannel(socket), 4 + 16);
    ByteBuffer granted = ByteBuffer.allocate(20);
    putReply(granted, NbdProtocol.OPT_STARTTLS, NbdProtocol.REP_ACK, 0);
    sendPlain(granted);
  }

  /** Goes on with the handshake; whether it is over. */
  boolean shakeHands() throws SSLException {
    return channel.handshake(state) > 0;
  }

  /** Takes the client's wish for the export. */
  void takeGo() {
    ByteBuffer header = receive(channel, 16);
    assertEquals(NbdProtocol.OPTION_MAGIC, header.getLong());
    assertEquals(NbdProtocol.OPT_GO, header.getInt());
    receive(channel, header.getInt());
  }

  /** Offers the export, with more information than a client knows. */
  void offerByteByByte(long size) throws Exception {
    ByteBuffer words = ByteBuffer.allocate(2000);
    putReply(words, NbdProtocol.OPT_GO, NbdProtocol.REP_INFO, 1000);
    words.putShort((short) 99).put(new byte[998]);
    putReply(words, NbdProtocol.OPT_GO, NbdProtocol.REP_INFO, 12);
    words.putShort((short) NbdProtocol.INFO_EXPORT).putLong(size);
    words.putShort((short) ScriptedServer.ALL_FLAGS);
    putReply(words, NbdProtocol.OPT_GO, NbdProtocol.REP_ACK, 0);
    sendByteByByte(words);
  }

  /** All of that, with a client on another thread. */
  void offerAll(long size) throws Exception {
    greet();
    grantTls();
    while (!shakeHands()) {
      awaitClient();
    }
    takeGo();
    offerByteByByte(size);
  }

  /** Takes a request without data; answers its cookie. */
  long takeRequest() {
    return receive(channel, NbdProtocol.REQUEST_SIZE).getLong(COOKIE_OFFSET);
  }

  void answerByteByByte(long cookie) throws Exception {
    sendByteByByte(
        ByteBuffer.allocate(NbdProtocol.SIMPLE_REPLY_SIZE)
            .putInt(NbdProtocol.SIMPLE_REPLY_MAGIC)
            .putInt(0)
            .putLong(cookie));
  }

  private static void putReply(ByteBuffer to, int option, int type, int length) {
    to.putLong(NbdProtocol.OPTION_REPLY_MAGIC).putInt(option).putInt(type).putInt(length);
  }

  private void sendPlain(ByteBuffer words) {
    int length = words.position();
    memory.copyFrom(MemorySegment.ofBuffer(words.flip()));
    assertEquals(length, socket.trySend(state, memory.address(), length));
  }

  private void sendByteByByte(ByteBuffer words) throws Exception {
    TlsKeys.sendByteByByte(engine, socket, words.flip());
  }

  private ByteBuffer receive(NbdChannel from, int length) {
    int received = 0;
    while (received < length) {
      buffer.clear();
      buffer.add(memory.address() + received, length - received);
      from.beginTurn();
      long n = from.receive(state, buffer);
      if (n == -Errno.EAGAIN) {
        awaitClient();
      } else {
        assertTrue(n > 0, () -> "received " + n);
        received += (int) n;
      }
    }
    return memory.asSlice(0, length).asByteBuffer();
  }

  private void awaitClient() {
    assertTrue(socket.awaitReadable(state, HANG_MILLIS), "the client says nothing");
  }

  @Override
  public void close() {
    channel.close();
    socket.close();
    buffer.close();
    arena.close();
  }
}
