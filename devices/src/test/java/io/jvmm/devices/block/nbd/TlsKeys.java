package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.host.CallState;
import io.jvmm.host.socket.Socket;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * What a TLS server in this process needs.
 *
 * @param pem the certificate that a client has to trust
 */
record TlsKeys(KeyStore store, Path pem) {
  private static final String PASSWORD = "password";
  private static final int RECORD_MAX = 1 << 15;

  /** A key and a certificate of its own, made by the JDK's tool: no API makes one. */
  static TlsKeys make(Path folder) throws Exception {
    Path file = folder.resolve("keys");
    String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String arguments =
        "-genkeypair -keyalg EC -alias server -dname CN=test -storetype PKCS12 -storepass "
            + PASSWORD
            + " -keystore "
            + file;
    String[] words = (tool + " " + arguments).split(" ", -1);
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertEquals(0, process.waitFor());
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    byte[] certificate = store.getCertificate("server").getEncoded();
    String text = Base64.getMimeEncoder().encodeToString(certificate);
    Path pem = folder.resolve("ca.pem");
    Files.writeString(
        pem, "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
    return new TlsKeys(store, pem);
  }

  SSLEngine serverEngine() throws Exception {
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), null, null);
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    return engine;
  }

  /** Sends each byte in a record of its own, in one go. */
  static void sendByteByByte(SSLEngine engine, Socket socket, ByteBuffer data) throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(RECORD_MAX + data.remaining() * 64L);
      ByteBuffer records = memory.asByteBuffer();
      while (data.hasRemaining()) {
        ByteBuffer plain = ByteBuffer.wrap(new byte[] {data.get()});
        engine.wrap(plain, records);
        assertEquals(0, plain.remaining());
      }
      int length = records.position();
      assertEquals(length, socket.trySend(CallState.current(), memory.address(), length));
    }
  }
}
