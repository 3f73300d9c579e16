package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsChannelTest {
  private static final String PASSWORD = "password";

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
    KeyStore keys = keys();
    Path pem = folder.resolve("ca.pem");
    byte[] certificate = keys.getCertificate("server").getEncoded();
    String text = Base64.getMimeEncoder().encodeToString(certificate);
    Files.writeString(
        pem, "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
    TlsTrust trust = TlsTrust.of(NbdTarget.parse("nbds+unix:///data?socket=/none&tls-ca=" + pem));
    client = new TlsChannel(sockets[0], trust.engine());
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), null, null);
    serverEngine = context.createSSLEngine();
    serverEngine.setUseClientMode(false);
    server = new TlsChannel(sockets[1], serverEngine);
    boolean isOver = false;
    while (!isOver) {
      isOver = client.handshake(state);
      isOver &= server.handshake(state);
    }
  }

  /** A key and a certificate of its own, made by the JDK's tool: no API makes one. */
  private KeyStore keys() throws Exception {
    Path store = folder.resolve("keys");
    String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String arguments =
        "-genkeypair -keyalg EC -alias server -dname CN=test -storetype PKCS12 -storepass "
            + PASSWORD
            + " -keystore "
            + store;
    String[] words = (tool + " " + arguments).split(" ", -1);
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertEquals(0, process.waitFor());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return keys;
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
