package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.block.nbd.NbdLink.Progress;
import io.jvmm.host.CallState;
import io.jvmm.host.socket.ListeningSocket;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with TLS that puts each byte of its words into a record of its own. */
class NbdTinyRecordsTest {
  private static final long SIZE = 1 << 20;

  @TempDir private Path folder;
  private final CallState state = CallState.current();
  private TlsKeys keys;
  private SocketAddress address;
  private String uri;
  private ListeningSocket listener;

  @BeforeEach
  void listen() throws Exception {
    keys = TlsKeys.make(folder);
    Path path = folder.resolve("s");
    uri = "nbds+unix:///data?socket=" + path + "&tls-ca=" + keys.pem();
    address = SocketAddress.unix(path.toString());
    listener = ListeningSocket.listen(address, 1, "server");
  }

  @AfterEach
  void close() {
    listener.close();
  }

  private TlsPeer accept() throws Exception {
    listener.awaitConnection(state);
    Socket socket = listener.accept("server");
    assertNotNull(socket);
    return new TlsPeer(socket, keys.serverEngine());
  }

  @Test
  void aNegotiationTakesMoreThanOneTurn() throws Exception {
    NbdTarget target = NbdTarget.parse(uri);
    try (NbdLink link = NbdLink.connect(target, address, TlsTrust.of(target));
        TlsPeer peer = accept()) {
      peer.greet();
      assertEquals(Progress.WAITING, link.proceed(state));
      peer.grantTls();
      while (!peer.shakeHands()) {
        link.proceed(state);
      }
      assertEquals(Progress.WAITING, link.proceed(state));
      peer.takeGo();
      peer.offerByteByByte(SIZE);
      int turns = 1;
      Progress progress = link.proceed(state);
      while (progress == Progress.MORE) {
        progress = link.proceed(state);
        turns++;
      }
      assertEquals(Progress.READY, progress);
      assertEquals(SIZE, link.export().size());
      assertTrue(turns > 2, turns + " turns");
    }
  }

  @Test
  void suchAServerIsUsedAllTheSame() throws Exception {
    CompletableFuture<NbdUnderTest> opening = NbdUnderTest.opening(uri);
    NbdUnderTest nbd;
    try (TlsPeer first = accept()) {
      first.offerAll(SIZE);
      nbd = opening.join();
    }
    try (nbd;
        TlsPeer next = accept()) {
      next.offerAll(SIZE);
      nbd.flush(1);
      next.answerByteByByte(next.takeRequest());
      nbd.assertNext(1, 0);
    }
  }
}
