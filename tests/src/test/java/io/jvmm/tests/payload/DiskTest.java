package io.jvmm.tests.payload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.tests.Command;
import io.jvmm.tests.Layer;
import io.jvmm.tests.Repository;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest's disk is the file on the host. */
class DiskTest {
  private static final int SIZE = 256 * 1024;
  private static final int BLOCK = 4096;

  @TempDir Path directory;

  @BeforeEach
  void needsKvm() {
    Layer.needsKvm();
  }

  @Test
  void whatTheGuestWritesIsInTheFile() throws Exception {
    Path disk = Files.write(directory.resolve("disk.img"), new byte[SIZE]);
    Command.Result result = run(disk.toString());
    assertEquals("disk is good, blocks: " + SIZE / BLOCK, result.out().strip());
    assertEquals(0, result.status(), result::err);
    assertArrayEquals(pattern(), Files.readAllBytes(disk));
  }

  @Test
  void itIsTheSameByVirtioMmio() throws Exception {
    Path disk = Files.write(directory.resolve("disk.img"), new byte[SIZE]);
    String kernel = Repository.payload("disk");
    Command.Result result =
        Command.jvmm(
                directory, "--kernel", kernel, "--transport", "mmio", "--disk", disk.toString())
            .run();
    assertEquals("disk is good, blocks: " + SIZE / BLOCK, result.out().strip());
    assertEquals(0, result.status(), result::err);
    assertArrayEquals(pattern(), Files.readAllBytes(disk));
  }

  @Test
  void aReadOnlyDiskIsReadAndNotWritten() throws Exception {
    Path disk = Files.write(directory.resolve("disk.img"), pattern());
    Command.Result result = run(disk + ",ro");
    assertTrue(result.out().contains("disk is good"), result::out);
    assertEquals(0, result.status(), result::err);
    assertArrayEquals(pattern(), Files.readAllBytes(disk));
  }

  @Test
  void theLastOfManyDisksIsTheLastSlot() throws Exception {
    Path root = Files.write(directory.resolve("root.img"), new byte[BLOCK]);
    Path middle = Files.write(directory.resolve("middle.img"), new byte[BLOCK]);
    Path last = Files.write(directory.resolve("last.img"), new byte[SIZE]);
    Command.Result result =
        Command.jvmm(
                directory,
                "--kernel",
                Repository.payload("disk"),
                "--rootfs",
                root.toString(),
                "--disk",
                middle + ",ro",
                "--disk",
                last.toString())
            .run();
    assertTrue(result.out().contains("disk is good, blocks: 64"), result::out);
    assertArrayEquals(pattern(), Files.readAllBytes(last));
    assertArrayEquals(new byte[BLOCK], Files.readAllBytes(root));
  }

  @Test
  void whatTheGuestDiscardsIsTheHostsAgain() throws Exception {
    Path disk = Files.write(directory.resolve("disk.img"), new byte[SIZE]);
    Command.Result result =
        Command.jvmm(
                directory, "--kernel", Repository.payload("disk-space"), "--disk", disk.toString())
            .run();
    assertEquals("space is given back, blocks: " + SIZE / BLOCK, result.out().strip());
    assertEquals(0, result.status(), result::err);
    byte[] expected = new byte[SIZE];
    Arrays.fill(expected, SIZE / 4 * 3, SIZE, (byte) 0xa5);
    assertArrayEquals(expected, Files.readAllBytes(disk));
    String sectors = Command.of(directory, "stat", "-c", "%b", disk.toString()).run().out();
    assertTrue(Long.parseLong(sectors.strip()) <= SIZE / 512 / 2, sectors);
  }

  private Command.Result run(String disk) throws Exception {
    return Command.jvmm(directory, "--kernel", Repository.payload("disk"), "--disk", disk).run();
  }

  /** What payload/disk.c writes: each eight bytes say where they are. */
  private static byte[] pattern() {
    ByteBuffer bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    for (int offset = 0; offset < SIZE; offset += Long.BYTES) {
      bytes.putLong((long) (offset / BLOCK) << 32 | offset % BLOCK);
    }
    return bytes.array();
  }
}
