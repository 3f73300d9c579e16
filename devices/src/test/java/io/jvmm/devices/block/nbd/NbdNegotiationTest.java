package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.block.BlockLimits;
import io.jvmm.devices.block.DiskException;
import io.jvmm.devices.block.nbd.ScriptedServer.Peer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NbdNegotiationTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path folder;

  /** The server's part of a handshake. */
  private interface Script {
    void play(Peer peer) throws Exception;
  }

  private NbdUnderTest opened(Script script) throws Exception {
    try (ScriptedServer server = new ScriptedServer(folder.resolve("s"))) {
      CompletableFuture<NbdUnderTest> opening = NbdUnderTest.opening(server.uri());
      try (Peer peer = server.accept()) {
        play(script, peer);
        return opening.join();
      }
    }
  }

  private static void play(Script script, Peer peer) throws Exception {
    try {
      script.play(peer);
    } catch (IOException e) {
      // The client has left in the middle; it says why.
    }
  }

  private void assertRefused(String reason, Script script) {
    CompletionException e = assertThrows(CompletionException.class, () -> opened(script).close());
    assertInstanceOf(DiskException.class, e.getCause());
    assertTrue(e.toString().contains(reason), e::toString);
  }

  private static Peer asked(Peer peer) throws Exception {
    peer.greet().clientFlags();
    peer.option(NbdProtocol.OPT_GO);
    return peer;
  }

  @Test
  void theExportIsAskedForByNameWithItsBlockSizes() throws Exception {
    try (NbdUnderTest nbd =
        opened(
            peer -> {
              assertEquals(3, peer.greet().clientFlags());
              ByteBuffer data = peer.option(NbdProtocol.OPT_GO);
              byte[] name = new byte[data.getInt()];
              data.get(name);
              assertEquals("data", new String(name, StandardCharsets.UTF_8));
              assertEquals(1, data.getShort());
              assertEquals(NbdProtocol.INFO_BLOCK_SIZE, data.getShort());
              assertFalse(data.hasRemaining());
              peer.tellBlockSizes(4096, 65536, 1 << 25);
              peer.tellExport(10 * MIB + 5000, ScriptedServer.ALL_FLAGS).acknowledge();
            })) {
      assertEquals(10 * MIB + 4096, nbd.client.length());
      assertFalse(nbd.client.isReadOnly());
      assertEquals(new BlockLimits(4096, 65536, 0, true, 65536, true), nbd.client.limits());
    }
  }

  @Test
  void whatTheServerDoesNotSayHasDefaults() throws Exception {
    try (NbdUnderTest nbd = opened(peer -> peer.offer(MIB, NbdProtocol.FLAG_HAS_FLAGS))) {
      assertEquals(MIB, nbd.client.length());
      assertEquals(new BlockLimits(512, 4096, 0, false, 4096, false), nbd.client.limits());
    }
  }

  @Test
  void informationOfALaterDayIsPassedOver() throws Exception {
    try (NbdUnderTest nbd =
        opened(
            peer -> {
              ByteBuffer name = ByteBuffer.allocate(12).putShort((short) 77);
              asked(peer).reply(NbdProtocol.OPT_GO, NbdProtocol.REP_INFO, name.rewind());
              peer.reply(NbdProtocol.OPT_GO, 99, "?");
              peer.tellExport(MIB, 1).acknowledge();
            })) {
      assertEquals(MIB, nbd.client.length());
    }
  }

  @Test
  void aServerThatDoesNotKnowGoIsAskedByNameAlone() throws Exception {
    try (NbdUnderTest nbd =
        opened(
            peer -> {
              asked(peer).reply(NbdProtocol.OPT_GO, NbdProtocol.REP_ERR_UNSUP, "");
              ByteBuffer name = peer.option(NbdProtocol.OPT_EXPORT_NAME);
              assertEquals("data", StandardCharsets.UTF_8.decode(name).toString());
              peer.send(ByteBuffer.allocate(10).putLong(MIB).putShort((short) 1).flip());
            })) {
      assertEquals(MIB, nbd.client.length());
    }
  }

  @Test
  void anOldNewstyleServerIsAskedByNameAndPadsItsAnswer() throws Exception {
    try (NbdUnderTest nbd =
        opened(
            peer -> {
              assertEquals(0, peer.greet(0).clientFlags());
              peer.option(NbdProtocol.OPT_EXPORT_NAME);
              peer.send(ByteBuffer.allocate(134).putLong(MIB).putShort((short) 1).rewind());
            })) {
      assertEquals(MIB, nbd.client.length());
    }
  }

  @Test
  void aServerThatWantsTlsIsSaidSo() {
    assertRefused(
        "wants TLS: write nbds://",
        peer -> asked(peer).reply(NbdProtocol.OPT_GO, NbdProtocol.REP_ERR_TLS_REQD, ""));
  }

  @Test
  void anUnknownExportIsSaidSoInTheServersWordsToo() {
    assertRefused(
        "has no export 'data' (it says: no such thing?[1m)",
        peer ->
            asked(peer)
                .reply(NbdProtocol.OPT_GO, NbdProtocol.REP_ERR_UNKNOWN, "no such thing\u001b[1m"));
  }

  @Test
  void anotherErrorHasItsNumber() {
    assertRefused(
        "error 4711",
        peer -> asked(peer).reply(NbdProtocol.OPT_GO, NbdProtocol.REP_FLAG_ERROR | 4711, ""));
  }

  @Test
  void aReadOnlyExportWantsAReadOnlyDisk() {
    assertRefused(
        "add ,ro",
        peer -> peer.offer(MIB, NbdProtocol.FLAG_HAS_FLAGS | NbdProtocol.FLAG_READ_ONLY));
  }

  @Test
  void whatIsNoServerOfNbdIsSaidSo() {
    assertRefused(
        "another protocol",
        peer -> peer.send("SSH-2.0-OpenSSH_9.2p1\r\n".getBytes(StandardCharsets.US_ASCII)));
    assertRefused(
        "oldstyle",
        peer ->
            peer.send(
                ByteBuffer.allocate(152)
                    .putLong(NbdProtocol.INIT_MAGIC)
                    .putLong(NbdProtocol.OLDSTYLE_MAGIC)
                    .rewind()));
    assertRefused(
        "greeting",
        peer -> peer.send(ByteBuffer.allocate(18).putLong(NbdProtocol.INIT_MAGIC).rewind()));
  }

  @Test
  void aServerThatHangsUpIsSaidSo() {
    assertRefused("hung up", Peer::close);
    assertRefused("hung up", peer -> asked(peer).close());
  }

  @Test
  void repliesToWhatWasNotAskedAreRefused() {
    assertRefused("not one of NBD", peer -> asked(peer).reply(6, NbdProtocol.REP_ACK, ""));
    assertRefused("not one of NBD", peer -> asked(peer).send(new byte[20]));
  }

  @Test
  void aReplyOfAnyLengthIsNotStored() {
    for (int length : new int[] {4099, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
      assertRefused(
          "the server's reply has " + Integer.toUnsignedString(length) + " bytes",
          peer ->
              asked(peer)
                  .send(
                      ByteBuffer.allocate(20)
                          .putLong(NbdProtocol.OPTION_REPLY_MAGIC)
                          .putInt(NbdProtocol.OPT_GO)
                          .putInt(NbdProtocol.REP_INFO)
                          .putInt(length)
                          .rewind()));
    }
  }

  @Test
  void aServerThatTalksForEverIsLeft() {
    assertRefused(
        "does not stop",
        peer -> {
          asked(peer);
          for (int i = 0; i < 65; i++) {
            peer.tellExport(MIB, 1);
          }
        });
  }

  @Test
  void aServerThatSaysForEverWhatNobodyKnowsIsLeft() {
    assertRefused(
        "does not stop",
        peer -> {
          asked(peer);
          for (int i = 0; i < 65; i++) {
            peer.reply(NbdProtocol.OPT_GO, 99, "");
          }
        });
  }

  @Test
  void sizesThatCannotBeAreRefused() {
    assertRefused("impossible size", peer -> peer.offer(-1, 1));
    assertRefused("smaller than a block", peer -> peer.offer(511, 1));
    assertRefused("how large", peer -> asked(peer).acknowledge());
    assertRefused(
        "information has 3 bytes",
        peer ->
            asked(peer)
                .reply(NbdProtocol.OPT_GO, NbdProtocol.REP_INFO, ByteBuffer.wrap(new byte[3])));
    for (int minimum : new int[] {-1, 3, 1 << 17}) {
      assertRefused(
          "wants blocks of " + Integer.toUnsignedString(minimum),
          peer -> asked(peer).tellBlockSizes(minimum, 4096, -1).tellExport(MIB, 1).acknowledge());
    }
    assertRefused(
        "takes no more than 100 bytes",
        peer -> asked(peer).tellBlockSizes(1, 4096, 100).tellExport(MIB, 1).acknowledge());
  }

  @Test
  void nobodyAtTheSocketIsSaidSo() {
    String uri = "nbd+unix:///data?socket=" + folder.resolve("nobody");
    DiskException e = assertThrows(DiskException.class, () -> NbdUnderTest.open(uri).close());
    assertTrue(e.toString().contains("there is no socket " + folder), e::toString);
  }
}
