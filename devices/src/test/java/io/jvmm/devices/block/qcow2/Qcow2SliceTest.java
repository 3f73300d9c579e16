package io.jvmm.devices.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that reach over the end of what is cached of an L2 table at a time. */
class Qcow2SliceTest {
  private static final int CLUSTER = 1 << 16;

  /** What a slice of 512 entries maps. */
  private static final int SLICE = 512 * CLUSTER;

  private static final int SIZE = 4 * SLICE;

  @TempDir private Path folder;

  private final GuestBuffers guest = new GuestBuffers(2);

  @AfterEach
  void close() {
    guest.close();
  }

  private static byte[] random(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }

  @Test
  void theFirstWriteBelowAnL2TableMayReachOverItsSlice() throws IOException {
    Path path = folder.resolve("disk.qcow2");
    BlankImage.of(SIZE).write(path);
    byte[] content = random(5 * CLUSTER);
    long offset = SLICE - 2 * CLUSTER;
    try (Qcow2Image image = Qcow2Image.open(path.toString(), false, null)) {
      guest.write(image, offset, content);
      assertArrayEquals(content, guest.read(image, offset, content.length));
      assertEquals(0, image.flush(guest.state));
    }
    try (Qcow2Image image = Qcow2Image.open(path.toString(), false, null)) {
      assertArrayEquals(content, guest.read(image, offset, content.length));
    }
    ImageCheck.check("at the end", Files.readAllBytes(path));
  }

  @Test
  void theFirstZeroesBelowAnL2TableMayReachOverItsSlices() throws IOException {
    Path below = folder.resolve("below.raw");
    try (RandomAccessFile raw = new RandomAccessFile(below.toFile(), "rw")) {
      raw.setLength(SIZE);
      for (int at = 0; at < SIZE; at += SLICE / 2) {
        raw.seek(at);
        raw.write(random(CLUSTER));
      }
    }
    Path path = folder.resolve("disk.qcow2");
    BlankImage.of(SIZE).write(path, "below.raw", "raw");
    long end = SIZE - SLICE / 2;
    try (Qcow2Image image = Qcow2Image.open(path.toString(), false, folder.toString())) {
      assertEquals(0, image.writeZeroes(guest.state, CLUSTER, end - CLUSTER, true));
      assertEquals(0, image.flush(guest.state));
    }
    try (Qcow2Image image = Qcow2Image.open(path.toString(), false, folder.toString())) {
      assertArrayEquals(random(CLUSTER), guest.read(image, 0, CLUSTER));
      for (long at = SLICE / 2; at < end; at += SLICE / 2) {
        assertArrayEquals(new byte[CLUSTER], guest.read(image, at, CLUSTER), "at " + at);
      }
      assertArrayEquals(random(CLUSTER), guest.read(image, end, CLUSTER));
    }
    ImageCheck.check("at the end", Files.readAllBytes(path));
  }
}
