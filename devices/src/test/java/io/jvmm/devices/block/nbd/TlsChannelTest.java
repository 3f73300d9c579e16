package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsChannelTest {
  @TempDir private Path folder;

  private final CallState state = CallState.current();
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory = arena.allocate(1 << 16);
  private final IovecArray buffers = new IovecArray(1);
  private final Socket[] sockets = Socket.pair("tls test");
  private SSLEngine serverEngine;
  private TlsChannel server;
  private TlsChannel client;

  @BeforeEach
  void shakeHands() throws Exception {
    TlsKeys keys = TlsKeys.make(folder);
    TlsTrust trust =
        TlsTrust.of(NbdTarget.parse("nbds+unix:///data?socket=/none&tls-ca=" + keys.pem()));
    client = new TlsChannel(sockets[0], trust.engine());
    serverEngine = keys.serverEngine();
    server = new TlsChannel(sockets[1], serverEngine);
    boolean isOver = false;
    while (!isOver) {
      isOver = client.handshake(state) > 0;
      isOver &= server.handshake(state) > 0;
    }
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    buffers.close();
    arena.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private IovecArray buffer(int length) {
    buffers.clear();
    buffers.add(memory.address(), length);
    return buffers;
  }

  /** Records in which the server says that its key is another now. */
  private void sendKeyUpdates(int count) throws Exception {
    MemorySegment record = arena.allocate(1 << 15);
    for (int i = 0; i < count; i++) {
      ByteBuffer bytes = record.asByteBuffer();
      serverEngine.beginHandshake();
      serverEngine.wrap(ByteBuffer.allocate(0), bytes);
      assertEquals(bytes.position(), sockets[1].trySend(state, record.address(), bytes.position()));
    }
  }

  private void sendData(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    assertEquals(bytes.length, server.send(state, buffer(bytes.length)));
  }

  private void receiveData(String text) {
    byte[] bytes = new byte[text.length()];
    memory.fill((byte) 0);
    assertEquals(bytes.length, client.receive(state, buffer(100)));
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
    assertArrayEquals(text.getBytes(StandardCharsets.US_ASCII), bytes);
  }

  /** A server may put each byte into a record of its own. */
  private void sendByteByByte(byte[] data) throws Exception {
    TlsKeys.sendByteByByte(serverEngine, sockets[1], ByteBuffer.wrap(data));
  }

  @Test
  void aTurnEndsAfterSoManyRecords() throws Exception {
    int count = 2 * TlsChannel.STEPS_PER_TURN;
    sendByteByByte(new byte[count]);
    int received = 0;
    int turns = 0;
    long n = NbdChannel.ENOUGH;
    while (n == NbdChannel.ENOUGH) {
      client.beginTurn();
      turns++;
      while ((n = client.receive(state, buffer(100))) > 0) {
        received += (int) n;
      }
    }
    assertEquals(-Errno.EAGAIN, n);
    assertEquals(count, received);
    assertEquals(3, turns); // what comes from the socket is work too
  }

  @Test
  void aReplyInTinyRecordsTakesMoreThanOneTurn() throws Exception {
    NbdRequests requests = new NbdRequests();
    AtomicInteger ended = new AtomicInteger();
    try (NbdSender sender = new NbdSender(requests);
        NbdReceiver receiver =
            new NbdReceiver(
                requests,
                (ignored, request, result) -> {
                  assertEquals(0, result);
                  ended.incrementAndGet();
                });
        IovecArray data = new IovecArray(1)) {
      data.add(memory.address(), 512);
      requests.add(NbdProtocol.CMD_READ, 0, 0, 512, data, 1);
      long cookie = requests.queued(0).cookie;
      assertEquals(NbdSender.DONE, sender.send(state, client));
      byte[] reply = new byte[NbdProtocol.SIMPLE_REPLY_SIZE + 512];
      ByteBuffer.wrap(reply).putInt(NbdProtocol.SIMPLE_REPLY_MAGIC).putInt(0).putLong(cookie);
      sendByteByByte(reply);
      assertEquals(NbdReceiver.MORE, receiver.receive(state, client, false));
      assertEquals(0, ended.get());
      assertEquals(NbdReceiver.DONE, receiver.receive(state, client, false));
      assertEquals(1, ended.get());
    }
  }

  @Test
  void recordsWithoutDataBetweenDataAreNothing() throws Exception {
    for (int i = 0; i < 3; i++) {
      sendKeyUpdates(TlsChannel.RECORDS_WITHOUT_DATA_MAX / 2);
      sendData("data " + i);
      receiveData("data " + i);
    }
    assertEquals(-Errno.EAGAIN, client.receive(state, buffer(100)));
  }

  @Test
  void aServerThatSendsRecordsWithoutDataForEverIsLeft() throws Exception {
    sendKeyUpdates(TlsChannel.RECORDS_WITHOUT_DATA_MAX + 1);
    sendData("late");
    assertEquals(-Errno.EPROTO, client.receive(state, buffer(100)));
  }
}
