package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.block.nbd.ScriptedServer.Peer;
import io.jvmm.devices.block.nbd.ScriptedServer.Request;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of requests when the server goes, comes back, or loses its mind. */
class NbdReconnectTest {
  private static final long SIZE = 1 << 20;

  @TempDir private Path folder;
  private ScriptedServer server;
  private NbdUnderTest nbd;
  private Peer peer;

  @BeforeEach
  void connect() throws Exception {
    server = new ScriptedServer(folder.resolve("s"));
    connect("");
  }

  private void connect(String parameters) throws Exception {
    CompletableFuture<NbdUnderTest> opening = NbdUnderTest.opening(server.uri() + parameters);
    peer = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
    nbd = opening.join();
  }

  private void connectAgain(String parameters) throws Exception {
    nbd.close();
    peer.close();
    connect(parameters);
  }

  /** The server hangs up and takes the next connection. */
  private void restart() throws Exception {
    peer.close();
    peer = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
  }

  @AfterEach
  void disconnect() throws Exception {
    nbd.close();
    peer.close();
    server.close();
  }

  @Test
  void whatHasNoAnswerIsSentAgainInItsOrder() throws Exception {
    byte[] content = {1, 2, 3};
    nbd.write(1, content, 0);
    nbd.flush(2);
    nbd.write(3, content, 512);
    peer.request();
    Request flush = peer.request();
    peer.request();
    peer.answer(flush, 0);
    nbd.assertNext(2, 0);
    restart();
    Request first = peer.request(NbdProtocol.CMD_WRITE);
    assertEquals(0, first.offset());
    assertEquals(ByteBuffer.wrap(content), first.data());
    Request second = peer.request(NbdProtocol.CMD_WRITE);
    assertEquals(512, second.offset());
    nbd.assertNothingEnded();
    peer.answer(second, 0).answer(first, 0);
    nbd.assertNext(3, 0);
    nbd.assertNext(1, 0);
  }

  @Test
  void aReplyToTheOldConnectionsRequestIsNoneOnTheNew() throws Exception {
    nbd.flush(1);
    Request old = peer.request();
    restart();
    peer.request();
    peer.answer(old, 0);
    assertTrue(peer.hangsUp());
    peer = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
    peer.answer(peer.request(), 0);
    nbd.assertNext(1, 0);
  }

  @Test
  void aDropInTheMiddleOfAReplyBeginsTheReadAnew() throws Exception {
    MemorySegment memory = nbd.memory(1024);
    nbd.read(1, memory, 0);
    Request request = peer.request();
    for (int sent : new int[] {1, 15, 16, 17, 16 + 1023}) {
      byte[] reply = new byte[16 + 1024];
      Peer.simpleReply(request.cookie(), 0).get(reply, 0, 16);
      peer.send(ByteBuffer.wrap(reply, 0, sent));
      restart();
      request = peer.request(NbdProtocol.CMD_READ);
      assertEquals(1024, request.length());
    }
    byte[] content = new byte[1024];
    content[1023] = 9;
    peer.answer(request, content);
    nbd.assertNext(1, 0);
    assertArrayEquals(content, NbdUnderTest.bytes(memory));
  }

  @Test
  void aDropInTheMiddleOfAWriteSendsAllOfItAgain() throws Exception {
    byte[] large = new byte[4 << 20];
    large[large.length - 1] = 7;
    nbd.write(1, large, 0);
    peer.receive(28 + 100_000);
    restart();
    Request request = peer.request(NbdProtocol.CMD_WRITE);
    assertEquals(ByteBuffer.wrap(large), request.data());
    peer.answer(request, 0);
    nbd.assertNext(1, 0);
  }

  @Test
  void nonsenseEndsTheConnectionAndNothingElse() throws Exception {
    nbd.read(1, nbd.memory(512), 0);
    ByteBuffer noMagic = ByteBuffer.allocate(16);
    for (int i = 0; i < 4; i++) {
      Request request = peer.request();
      ByteBuffer nonsense =
          switch (i) {
            case 0 -> noMagic;
            case 1 -> Peer.simpleReply(request.cookie() + 256, 0); // a part that never was
            case 2 -> Peer.simpleReply(request.cookie() + 1, 0); // a slot that is free
            default -> Peer.simpleReply(request.cookie() | 0xff, 0); // no slot
          };
      peer.send(nonsense);
      assertTrue(peer.hangsUp(), "nonsense " + i);
      peer = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
    }
    nbd.assertNothingEnded();
    peer.answer(peer.request(), new byte[512]);
    nbd.assertNext(1, 0);
  }

  @Test
  void wordsThatNobodyAskedForEndTheConnection() throws Exception {
    peer.send(Peer.simpleReply(0, 0));
    assertTrue(peer.hangsUp());
  }

  @Test
  void anAnswerToARequestThatIsStillBeingSentIsNonsense() throws Exception {
    nbd.write(1, new byte[4 << 20], 0);
    ByteBuffer header = peer.receive(28);
    peer.send(Peer.simpleReply(header.getLong(8), 0));
    peer.close();
    peer = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
    nbd.assertNothingEnded();
    peer.answer(peer.request(), 0);
    nbd.assertNext(1, 0);
  }

  @Test
  void aServerThatIsShuttingDownHasTheRequestAskedOfTheNext() throws Exception {
    nbd.flush(1);
    peer.answer(peer.request(), Errno.ESHUTDOWN);
    assertTrue(peer.hangsUp());
    peer = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
    peer.answer(peer.request(NbdProtocol.CMD_FLUSH), 0);
    nbd.assertNext(1, 0);
  }

  @Test
  void anIdleConnectionThatIsLostIsMadeAnewByItself() throws Exception {
    restart();
    nbd.flush(1);
    peer.answer(peer.request(), 0);
    nbd.assertNext(1, 0);
  }

  @Test
  void whoRunsTheMachineHearsOnceThatItIsGoneAndOnceThatItIsBack() throws Exception {
    nbd.flush(1);
    peer.request();
    restart();
    peer.request();
    restart();
    peer.answer(peer.request(), 0);
    nbd.assertNext(1, 0);
    assertEquals(
        "disk " + server.uri() + ": the server hung up; requests wait until it is back",
        nbd.awaitNews());
    assertEquals("disk " + server.uri() + " is back", nbd.awaitNews());
    nbd.onLoop(() -> {});
    assertTrue(nbd.news.isEmpty(), nbd.news::toString);
  }

  @Test
  void aServerThatStaysAwayLetsRequestsWait() throws Exception {
    nbd.flush(1);
    server.close();
    peer.close();
    nbd.awaitNews();
    nbd.flush(2);
    server = new ScriptedServer(folder.resolve("s"));
    peer = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
    peer.answer(peer.request(), 0).answer(peer.request(), 0);
    nbd.assertNext(1, 0);
    nbd.assertNext(2, 0);
  }

  @Test
  void afterTheReconnectTimeRequestsFailUntilItIsBack() throws Exception {
    connectAgain("&reconnect=1");
    server.close();
    nbd.flush(1);
    nbd.write(2, new byte[512], 0);
    peer.close();
    nbd.assertNext(1, -Errno.EIO);
    nbd.assertNext(2, -Errno.EIO);
    nbd.flush(3);
    nbd.assertNext(3, -Errno.EIO);
    nbd.awaitNews();
    assertTrue(nbd.awaitNews().endsWith("is still gone: requests fail"));
    server = new ScriptedServer(folder.resolve("s"));
    peer = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
    assertTrue(nbd.awaitNews().endsWith("is back"));
    nbd.flush(4);
    peer.answer(peer.request(), 0);
    nbd.assertNext(4, 0);
  }

  @Test
  void aSmallerExportIsNotTheDisk() throws Exception {
    nbd.write(1, new byte[512], SIZE - 512);
    peer.request();
    peer.close();
    peer = server.accept().offer(SIZE / 2, ScriptedServer.ALL_FLAGS);
    nbd.assertNext(1, -Errno.EIO);
    assertTrue(peer.hangsUp());
    nbd.awaitNews();
    assertTrue(nbd.awaitNews().contains("has shrunk from 1048576 to 524288 bytes"));
    peer = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
    assertTrue(nbd.awaitNews().endsWith("is back"));
  }

  @Test
  void anExportThatIsReadOnlyNowOrTakesLessIsNotTheDisk() throws Exception {
    nbd.flush(1);
    peer.request();
    for (int flags :
        new int[] {
          ScriptedServer.ALL_FLAGS | NbdProtocol.FLAG_READ_ONLY,
          ScriptedServer.ALL_FLAGS & ~NbdProtocol.FLAG_SEND_FLUSH,
          ScriptedServer.ALL_FLAGS & ~NbdProtocol.FLAG_SEND_TRIM
        }) {
      peer.close();
      peer = server.accept().offer(SIZE, flags);
      assertTrue(peer.hangsUp());
    }
    nbd.assertNext(1, -Errno.EIO);
  }

  @Test
  void anExportThatHasToBeFlushedNowIsNotTheDisk() throws Exception {
    int flags = ScriptedServer.ALL_FLAGS & ~NbdProtocol.FLAG_SEND_FLUSH;
    nbd.close();
    peer.close();
    CompletableFuture<NbdUnderTest> opening = NbdUnderTest.opening(server.uri());
    peer = server.accept().offer(SIZE, flags);
    nbd = opening.join();
    nbd.write(1, new byte[512], 0);
    assertEquals(NbdProtocol.CMD_FLAG_FUA, peer.request(NbdProtocol.CMD_WRITE).flags());
    restart();
    nbd.assertNext(1, -Errno.EIO);
    assertTrue(peer.hangsUp());
    nbd.awaitNews();
    assertTrue(nbd.awaitNews().contains("durable"));
  }

  @Test
  void aLargerExportIsSeenWhenTheLengthIsAskedFor() throws Exception {
    peer.close();
    peer = server.accept().offer(2 * SIZE, ScriptedServer.ALL_FLAGS);
    nbd.flush(1);
    peer.answer(peer.request(), 0);
    nbd.assertNext(1, 0);
    assertEquals(SIZE, nbd.client.length());
    nbd.onLoop(() -> nbd.client.refreshLength(CallState.current()));
    assertEquals(2 * SIZE, nbd.client.length());
  }

  @Test
  void aResetEndsWhatWaitsForAServerThatIsGone() throws Exception {
    nbd.flush(1);
    nbd.write(2, new byte[512], 0);
    peer.request();
    server.close();
    peer.close();
    nbd.awaitNews();
    nbd.cancel();
    nbd.assertNext(1, -Errno.ECANCELED);
    nbd.assertNext(2, -Errno.ECANCELED);
    server = new ScriptedServer(folder.resolve("s"));
    peer = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
    nbd.flush(3);
    peer.answer(peer.request(NbdProtocol.CMD_FLUSH), 0);
    nbd.assertNext(3, 0);
  }

  @Test
  void aResetWaitsForAServerThatAnswers() throws Exception {
    nbd.flush(1);
    Request request = peer.request();
    nbd.cancel();
    nbd.onLoop(() -> {});
    nbd.assertNothingEnded();
    peer.answer(request, 0);
    nbd.assertNext(1, 0);
  }

  @Test
  void aResetLeavesAServerThatDoesNotAnswer() throws Exception {
    nbd.flush(1);
    peer.request();
    nbd.cancel();
    nbd.assertNext(1, -Errno.ECANCELED);
    assertTrue(peer.hangsUp());
  }

  @Test
  void aResetThatIsOverLeavesWhatBeginsAfterItAlone() throws Exception {
    nbd.flush(1);
    Request request = peer.request();
    nbd.cancel();
    peer.answer(request, 0);
    nbd.assertNext(1, 0);
    nbd.flush(2);
    request = peer.request();
    // Another disk's reset gives up later than this one's would.
    CompletableFuture<NbdUnderTest> opening = NbdUnderTest.opening(server.uri());
    try (Peer silent = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
        NbdUnderTest other = opening.join()) {
      other.flush(3);
      silent.request();
      other.cancel();
      other.assertNext(3, -Errno.ECANCELED);
    }
    nbd.onLoop(() -> {});
    nbd.onLoop(() -> {});
    nbd.assertNothingEnded();
    peer.answer(request, 0);
    nbd.assertNext(2, 0);
  }

  @Test
  void closingDoesNotWaitForAServerThatIsGone() throws Exception {
    server.close();
    peer.close();
    nbd.awaitNews();
    nbd.close();
  }
}
