package io.jvmm.tests.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.tests.Command;
import io.jvmm.tests.Layer;
import io.jvmm.tests.Repository;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest's network disk is what its server holds. */
class NetworkDiskTest {
  private static final int SIZE = 256 * 1024;
  private static final int BLOCK = 4096;

  @TempDir Path directory;

  @Test
  void whatTheGuestWritesIsAtTheServer() throws Exception {
    Layer.needsKvm();
    Path program = Path.of("/usr/bin/nbdkit");
    assumeTrue(Files.isExecutable(program), "no nbdkit on this host (apt install nbdkit)");
    Path image = Files.write(directory.resolve("disk.img"), new byte[SIZE]);
    Path socket = directory.resolve("nbd.sock");
    Process server =
        new ProcessBuilder(
                program.toString(),
                "--foreground",
                "--unix",
                socket.toString(),
                "file",
                image.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("nbdkit.log").toFile())
            .start();
    try {
      while (!Files.exists(socket)) {
        assertTrue(server.isAlive(), "nbdkit has ended");
        Thread.onSpinWait();
      }
      Command.Result result = run("nbd+unix://?socket=" + socket);
      assertEquals("disk is good, blocks: " + SIZE / BLOCK, result.out().strip(), result::err);
      assertEquals(0, result.status(), result::err);
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(image)).order(ByteOrder.LITTLE_ENDIAN);
      for (int offset = 0; offset < SIZE; offset += Long.BYTES) {
        assertEquals((long) (offset / BLOCK) << 32 | offset % BLOCK, bytes.getLong());
      }
    } finally {
      server.destroyForcibly();
      server.waitFor();
    }
  }

  @Test
  void aServerThatIsNotThereIsToldBeforeAnythingStarts() throws Exception {
    Command.Result result = run("nbd+unix:///data?socket=" + directory.resolve("nobody"));
    assertEquals(2, result.status());
    assertTrue(result.err().contains("cannot be reached: there is no socket"), result::err);
    assertEquals(1, result.err().lines().count(), result::err);
    assertFalse(result.out().contains("disk"), result::out);
  }

  private Command.Result run(String disk) throws Exception {
    return Command.jvmm(directory, "--kernel", Repository.payload("disk"), "--disk", disk).run();
  }
}
