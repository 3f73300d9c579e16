package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.block.DiskException;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the servers that people use, where they are installed. */
class NbdServersTest {
  private static final int MIB = 1 << 20;
  private static final int SIZE = 16 * MIB;

  @TempDir private Path folder;
  private final Random random = new Random(8);
  private NbdServers servers;

  @BeforeEach
  void noServers() {
    servers = new NbdServers(folder);
  }

  @AfterEach
  void stopServers() throws Exception {
    servers.stopAll();
  }

  private Path image() throws IOException {
    return Files.write(folder.resolve("image"), new byte[SIZE]);
  }

  private byte[] data(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Reads, writes, trims and zeroes at random, many at once, beside a model. */
  private void work(NbdUnderTest nbd, byte[] model, int rounds, boolean trims) throws Exception {
    for (int round = 0; round < rounds; round++) {
      int count = 1 + random.nextInt(16);
      MemorySegment[] reads = new MemorySegment[count];
      int[] offsets = new int[count];
      int slice = SIZE / count / 512 * 512;
      for (int i = 0; i < count; i++) {
        int length = 512 * (1 + random.nextInt(256));
        length = Math.min(length, slice);
        int offset = i * slice + random.nextInt((slice - length) / 512 + 1) * 512;
        offsets[i] = offset;
        int token = i;
        int size = length;
        switch (random.nextInt(trims ? 4 : 2)) {
          case 0 -> {
            reads[i] = nbd.memory(length);
            nbd.read(i, reads[i], offset);
          }
          case 1 -> {
            byte[] bytes = data(length);
            nbd.write(i, bytes, offset);
            System.arraycopy(bytes, 0, model, offset, length);
          }
          case 2 -> {
            nbd.begin(i, state -> nbd.client.writeZeroes(state, offset, size, true, token));
            Arrays.fill(model, offset, offset + length, (byte) 0);
          }
          default -> nbd.flush(i);
        }
      }
      for (int i = 0; i < count; i++) {
        assertEquals(0, nbd.await().result());
      }
      for (int i = 0; i < count; i++) {
        if (reads[i] != null) {
          byte[] got = NbdUnderTest.bytes(reads[i]);
          assertArrayEquals(
              Arrays.copyOfRange(model, offsets[i], offsets[i] + got.length),
              got,
              "round " + round);
        }
      }
    }
  }

  @Test
  void debiansServerHoldsWhatIsWritten() throws Exception {
    Path image = image();
    Path socket = folder.resolve("s");
    servers.nbdServer(socket, image, "flush = true", "fua = true", "trim = true");
    byte[] model = new byte[SIZE];
    try (NbdUnderTest nbd = NbdServers.open("nbd+unix:///data?socket=" + socket)) {
      assertEquals(SIZE, nbd.client.length());
      work(nbd, model, 60, nbd.client.limits().canWriteZeroes());
      nbd.flush(0);
      nbd.assertNext(0, 0);
    }
    assertArrayEquals(model, Files.readAllBytes(image));
  }

  @Test
  void debiansServerSaysWhatItDoesNotHave() throws Exception {
    Path socket = folder.resolve("s");
    servers.nbdServer(socket, image());
    DiskException e =
        assertThrows(
            DiskException.class,
            () -> NbdServers.open("nbd+unix:///other?socket=" + socket).close());
    assertTrue(e.toString().contains("the server has no export 'other'"), e::toString);
  }

  @Test
  void debiansServerIsRestartedInTheMiddle() throws Exception {
    Path image = image();
    Path socket = folder.resolve("s");
    Process server = servers.nbdServer(socket, image, "flush = true");
    byte[] model = new byte[SIZE];
    try (NbdUnderTest nbd = NbdServers.open("nbd+unix:///data?socket=" + socket)) {
      for (int restart = 0; restart < 3; restart++) {
        work(nbd, model, 10, false);
        for (int i = 0; i < 8; i++) {
          byte[] bytes = data(MIB);
          System.arraycopy(bytes, 0, model, i * MIB, MIB);
          nbd.write(i, bytes, (long) i * MIB);
        }
        for (ProcessHandle child : server.descendants().toList()) {
          child.destroyForcibly(); // one serves the connection
        }
        NbdServers.stop(server);
        Files.deleteIfExists(socket);
        server = servers.nbdServer(socket, image, "flush = true");
        for (int i = 0; i < 8; i++) {
          assertEquals(0, nbd.await().result());
        }
      }
      work(nbd, model, 10, false);
    }
    assertArrayEquals(model, Files.readAllBytes(image));
  }

  @Test
  void nbdkitTakesEveryCommand() throws Exception {
    Path socket = folder.resolve("s");
    servers.nbdkit(socket, "memory", "16M");
    byte[] model = new byte[SIZE];
    try (NbdUnderTest nbd = NbdServers.open("nbd+unix://?socket=" + socket)) {
      assertTrue(nbd.client.limits().canDiscard());
      assertTrue(nbd.client.limits().canWriteZeroes());
      work(nbd, model, 60, true);
      nbd.begin(0, state -> nbd.client.discard(state, 0, SIZE, 0));
      nbd.assertNext(0, 0);
      MemorySegment all = nbd.memory(SIZE);
      IovecArray halves = nbd.iovecs(all.asSlice(0, SIZE / 2), all.asSlice(SIZE / 2));
      nbd.begin(1, state -> nbd.client.read(state, halves, 0, 1));
      nbd.assertNext(1, 0);
      assertArrayEquals(new byte[SIZE], NbdUnderTest.bytes(all));
    }
  }

  @Test
  void nbdkitsReadOnlyExportWantsAReadOnlyDisk() throws Exception {
    Path socket = folder.resolve("s");
    servers.nbdkit(socket, "--readonly", "memory", "16M");
    String uri = "nbd+unix://?socket=" + socket;
    DiskException e = assertThrows(DiskException.class, () -> NbdServers.open(uri).close());
    assertTrue(e.toString().contains("add ,ro"), e::toString);
    NbdClient client = NbdClient.open(NbdTarget.parse(uri), true, NbdListener.NONE);
    assertTrue(client.isReadOnly());
    client.close();
  }

  @Test
  void nbdkitsErrorsReachTheRequests() throws Exception {
    Path socket = folder.resolve("s");
    servers.nbdkit(
        socket, "--filter=error", "memory", "16M", "error-pread=EIO", "error-pread-rate=100%");
    try (NbdUnderTest nbd = NbdServers.open("nbd+unix://?socket=" + socket)) {
      nbd.read(1, nbd.memory(512), 0);
      nbd.assertNext(1, -Errno.EIO);
      nbd.write(2, new byte[512], 0);
      nbd.assertNext(2, 0);
      nbd.read(3, nbd.memory(512), 0);
      nbd.assertNext(3, -Errno.EIO);
      assertTrue(nbd.news.isEmpty(), nbd.news::toString);
    }
  }

  @Test
  void nbdkitWithLargeBlocksIsADiskOfLargeBlocks() throws Exception {
    Path socket = folder.resolve("s");
    servers.nbdkit(
        socket,
        "--filter=blocksize-policy",
        "memory",
        "16M",
        "blocksize-minimum=4096",
        "blocksize-preferred=65536",
        "blocksize-maximum=1M",
        "blocksize-error-policy=error");
    try (NbdUnderTest nbd = NbdServers.open("nbd+unix://?socket=" + socket)) {
      assertEquals(4096, nbd.client.limits().blockSize());
      assertEquals(65536, nbd.client.limits().physicalBlockSize());
      byte[] bytes = data(4 * MIB);
      nbd.write(1, bytes, 0);
      nbd.assertNext(1, 0);
      MemorySegment memory = nbd.memory(4 * MIB);
      nbd.read(2, memory, 0);
      nbd.assertNext(2, 0);
      assertArrayEquals(bytes, NbdUnderTest.bytes(memory));
    }
  }

  @Test
  void nbdkitSpeaksTls() throws Exception {
    Path certificates = servers.certificates("localhost");
    String uri = servers.tlsServer(certificates);
    byte[] model = new byte[SIZE];
    try (NbdUnderTest nbd =
        NbdServers.open(uri + "?tls-ca=" + certificates.resolve("ca-cert.pem"))) {
      work(nbd, model, 30, true);
      byte[] bytes = data(4 * MIB);
      nbd.write(1, bytes, 0);
      nbd.assertNext(1, 0);
      MemorySegment memory = nbd.memory(4 * MIB);
      nbd.read(2, memory, 0);
      nbd.assertNext(2, 0);
      assertArrayEquals(bytes, NbdUnderTest.bytes(memory));
    }
  }

  @Test
  void aServerThatTlsCannotTrustIsRefused() throws Exception {
    Path certificates = servers.certificates("elsewhere.example");
    String uri = servers.tlsServer(certificates);
    DiskException stranger = assertThrows(DiskException.class, () -> NbdServers.open(uri).close());
    assertTrue(stranger.toString().contains("TLS: "), stranger::toString);
    String trusting = uri + "?tls-ca=" + certificates.resolve("ca-cert.pem");
    DiskException other =
        assertThrows(DiskException.class, () -> NbdServers.open(trusting).close());
    assertTrue(other.toString().contains("localhost"), other::toString);
    String plain = uri.replace("nbds:", "nbd:");
    DiskException open = assertThrows(DiskException.class, () -> NbdServers.open(plain).close());
    assertTrue(open.toString().contains("wants TLS"), open::toString);
  }
}
