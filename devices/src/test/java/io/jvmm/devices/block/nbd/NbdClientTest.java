package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.block.BlockBackend;
import io.jvmm.devices.block.nbd.ScriptedServer.Peer;
import io.jvmm.devices.block.nbd.ScriptedServer.Request;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests and replies over one connection. */
class NbdClientTest {
  private static final long SIZE = 256 << 20;

  @TempDir private Path folder;
  private final Random random = new Random(6);
  private ScriptedServer server;
  private NbdUnderTest nbd;
  private Peer peer;

  @BeforeEach
  void connect() throws Exception {
    server = new ScriptedServer(folder.resolve("s"));
    connect(ScriptedServer.ALL_FLAGS);
  }

  private void connect(int flags) throws Exception {
    CompletableFuture<NbdUnderTest> opening = NbdUnderTest.opening(server.uri());
    peer = server.accept().offer(SIZE, flags);
    nbd = opening.join();
  }

  private void connectAgain(int flags) throws Exception {
    nbd.close();
    peer.close();
    connect(flags);
  }

  @AfterEach
  void disconnect() throws Exception {
    nbd.close();
    peer.close();
    server.close();
  }

  private byte[] data(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void aReadGoesIntoItsBuffers() throws Exception {
    byte[] content = data(1536);
    MemorySegment first = nbd.memory(512);
    MemorySegment second = nbd.memory(1024);
    IovecArray iovecs = nbd.iovecs(first, second);
    nbd.begin(7, state -> nbd.client.read(state, iovecs, 4096, 7));
    Request request = peer.request(NbdProtocol.CMD_READ);
    assertEquals(4096, request.offset());
    assertEquals(1536, request.length());
    peer.answer(request, content);
    nbd.assertNext(7, BlockBackend.DONE);
    assertArrayEquals(Arrays.copyOf(content, 512), NbdUnderTest.bytes(first));
    assertArrayEquals(Arrays.copyOfRange(content, 512, 1536), NbdUnderTest.bytes(second));
  }

  @Test
  void aWriteSendsItsBuffers() throws Exception {
    byte[] content = data(2048);
    nbd.write(3, content, 8192);
    Request request = peer.request(NbdProtocol.CMD_WRITE);
    assertEquals(8192, request.offset());
    assertEquals(0, request.flags());
    assertEquals(ByteBuffer.wrap(content), request.data());
    peer.answer(request, 0);
    nbd.assertNext(3, BlockBackend.DONE);
  }

  @Test
  void flushTrimAndZeroesAreTheirCommands() throws Exception {
    nbd.begin(
        0,
        state -> nbd.client.flush(state, 0),
        state -> nbd.client.discard(state, 1 << 20, 4096, 1),
        state -> nbd.client.writeZeroes(state, 2 << 20, 8192, true, 2),
        state -> nbd.client.writeZeroes(state, 3 << 20, 512, false, 3));
    Request flush = peer.request(NbdProtocol.CMD_FLUSH);
    assertEquals(0, flush.offset());
    assertEquals(0, flush.length());
    Request trim = peer.request(NbdProtocol.CMD_TRIM);
    assertEquals(1 << 20, trim.offset());
    assertEquals(4096, trim.length());
    Request zeroes = peer.request(NbdProtocol.CMD_WRITE_ZEROES);
    assertEquals(0, zeroes.flags());
    Request kept = peer.request(NbdProtocol.CMD_WRITE_ZEROES);
    assertEquals(NbdProtocol.CMD_FLAG_NO_HOLE, kept.flags());
    peer.answer(kept, 0).answer(flush, 0).answer(zeroes, 0).answer(trim, 0);
    nbd.assertNext(3, 0);
    nbd.assertNext(0, 0);
    nbd.assertNext(2, 0);
    nbd.assertNext(1, 0);
  }

  @Test
  void repliesMayComeInAnyOrder() throws Exception {
    MemorySegment[] memory = new MemorySegment[20];
    Request[] requests = new Request[20];
    byte[][] contents = new byte[20][];
    for (int i = 0; i < 20; i++) {
      memory[i] = nbd.memory(512 * (1 + i % 3));
      if (i % 4 == 3) {
        nbd.write(i, data(512), 512L * i);
      } else {
        nbd.read(i, memory[i], 512L * i);
      }
      requests[i] = peer.request();
    }
    for (int k = 0; k < 20; k++) {
      int i = (7 * k + 3) % 20;
      if (i % 4 == 3) {
        peer.answer(requests[i], 0);
      } else {
        contents[i] = data((int) memory[i].byteSize());
        peer.answer(requests[i], contents[i]);
      }
    }
    for (int k = 0; k < 20; k++) {
      nbd.assertNext((7 * k + 3) % 20, 0);
    }
    for (int i = 0; i < 20; i++) {
      if (contents[i] != null) {
        assertArrayEquals(contents[i], NbdUnderTest.bytes(memory[i]), "read " + i);
      }
    }
  }

  @Test
  void aReplyMayComeByteByByte() throws Exception {
    byte[] content = data(600);
    MemorySegment memory = nbd.memory(600);
    nbd.read(1, memory, 0);
    nbd.flush(2);
    Request read = peer.request();
    Request flush = peer.request();
    ByteBuffer all =
        ByteBuffer.allocate(16 + 600 + 16)
            .put(Peer.simpleReply(read.cookie(), 0))
            .put(content)
            .put(Peer.simpleReply(flush.cookie(), 0))
            .flip();
    while (all.hasRemaining()) {
      peer.send(all.get());
    }
    nbd.assertNext(1, 0);
    nbd.assertNext(2, 0);
    assertArrayEquals(content, NbdUnderTest.bytes(memory));
  }

  @Test
  void aWriteThatDoesNotFitIsContinuedWhenThereIsRoom() throws Exception {
    byte[] large = data(8 << 20);
    nbd.write(1, large, 0);
    nbd.write(2, data(512), 0);
    Request first = peer.request(NbdProtocol.CMD_WRITE);
    assertEquals(ByteBuffer.wrap(large), first.data());
    peer.answer(first, 0).answer(peer.request(), 0);
    nbd.assertNext(1, 0);
    nbd.assertNext(2, 0);
  }

  @Test
  void aLongRequestGoesInPartsThatTheServerTakes() throws Exception {
    int length = (32 << 20) + 4096;
    MemorySegment memory = nbd.memory(length);
    nbd.read(5, memory, 1 << 20);
    Request first = peer.request();
    assertEquals(32 << 20, first.length());
    byte[] content = data(length);
    peer.answer(first, Arrays.copyOf(content, 32 << 20));
    Request second = peer.request();
    assertEquals((1 << 20) + (32 << 20), second.offset());
    assertEquals(4096, second.length());
    peer.answer(second, Arrays.copyOfRange(content, 32 << 20, length));
    nbd.assertNext(5, 0);
    assertArrayEquals(content, NbdUnderTest.bytes(memory));
  }

  @Test
  void anErrorReachesTheRequestAlone() throws Exception {
    int[][] errors = {
      {5, Errno.EIO},
      {28, Errno.ENOSPC},
      {22, Errno.EINVAL},
      {1, Errno.EPERM},
      {12, Errno.ENOMEM},
      {75, Errno.EOVERFLOW},
      {95, Errno.EOPNOTSUPP},
      {4711, Errno.EIO},
      {-1, Errno.EIO}
    };
    for (int i = 0; i < errors.length; i++) {
      MemorySegment memory = nbd.memory(512);
      nbd.read(i, memory, 0);
      nbd.write(100 + i, data(512), 0);
      Request read = peer.request();
      peer.answer(peer.request(), errors[i][0]);
      peer.answer(read, data(512));
      nbd.assertNext(100 + i, -errors[i][1]);
      nbd.assertNext(i, 0);
    }
    nbd.read(50, nbd.memory(512), 0);
    peer.answer(peer.request(), 5);
    nbd.assertNext(50, -Errno.EIO);
  }

  @Test
  void nothingIsDoneAtOnce() throws Exception {
    nbd.read(1, nbd.memory(new byte[0]).asSlice(0, 0), 0);
    nbd.assertNext(1, 0);
  }

  @Test
  void aServerWithoutFlushHasWritesFlaggedWhereItCan() throws Exception {
    connectAgain(NbdProtocol.FLAG_HAS_FLAGS | NbdProtocol.FLAG_SEND_FUA);
    nbd.flush(1);
    nbd.assertNext(1, 0);
    nbd.write(2, data(512), 0);
    Request write = peer.request();
    assertEquals(NbdProtocol.CMD_FLAG_FUA, write.flags());
    peer.answer(write, 0);
    nbd.assertNext(2, 0);
  }

  @Test
  void goodbyeIsSaidAtTheEnd() throws Exception {
    nbd.close();
    peer.request(NbdProtocol.CMD_DISC);
    assertTrue(peer.hangsUp());
  }
}
