package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.devices.block.nbd.ScriptedServer.Peer;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that keeps the connection and says nothing. */
class NbdSilenceTest {
  private static final long SIZE = 1 << 20;

  @TempDir private Path folder;

  @Test
  void aSilentServerIsTakenForOneThatIsGone() throws Exception {
    try (ScriptedServer server = new ScriptedServer(folder.resolve("s"))) {
      CompletableFuture<NbdUnderTest> opening = NbdUnderTest.opening(server.uri() + "&timeout=1");
      try (Peer silent = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS);
          NbdUnderTest nbd = opening.join()) {
        nbd.flush(1);
        silent.answer(silent.request(), 0);
        nbd.assertNext(1, 0);
        MemorySegment memory = nbd.memory(512);
        nbd.read(2, memory, 0);
        silent.request(NbdProtocol.CMD_READ);
        try (Peer next = server.accept().offer(SIZE, ScriptedServer.ALL_FLAGS)) {
          next.answer(next.request(NbdProtocol.CMD_READ), new byte[512]);
          nbd.assertNext(2, 0);
        }
        assertEquals(
            "disk "
                + server.uri()
                + "&timeout=1: the server has said nothing for 1 s or more; requests wait until it"
                + " is back",
            nbd.awaitNews());
      }
    }
  }
}
