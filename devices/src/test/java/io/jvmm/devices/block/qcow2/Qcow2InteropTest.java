package io.jvmm.devices.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images that QEMU has made. */
class Qcow2InteropTest {
  private static final int SIZE = (5 << 20) + 7 * 512;

  @TempDir private Path folder;

  private final GuestBuffers guest = new GuestBuffers(1);

  @BeforeEach
  void needsQemuImg() {
    QemuImg.assume();
  }

  @AfterEach
  void close() {
    guest.close();
  }

  /** Text, noise and nothing, in pieces of many sizes. */
  private static byte[] disk(long seed) {
    Random random = new Random(seed);
    byte[] disk = new byte[SIZE];
    for (int at = 0; at < SIZE; ) {
      int end = Math.min(SIZE, at + 512 * (1 + random.nextInt(600)));
      switch (random.nextInt(3)) {
        case 0 -> Arrays.fill(disk, at, end, (byte) random.nextInt());
        case 1 -> {
          byte[] noise = new byte[end - at];
          random.nextBytes(noise);
          System.arraycopy(noise, 0, disk, at, noise.length);
        }
        default -> {}
      }
      at = end;
    }
    return disk;
  }

  private Path raw(byte[] disk) throws IOException {
    return Files.write(folder.resolve("disk.raw"), disk);
  }

  private void assertShows(byte[] disk, Path image) {
    try (Qcow2Image opened = Qcow2Image.open(image.toString(), true, folder.toString())) {
      assertEquals(disk.length, opened.length());
      assertArrayEquals(disk, guest.read(opened, 0, disk.length));
      Random random = new Random(3);
      for (int i = 0; i < 200; i++) {
        int at = 512 * random.nextInt(SIZE / 512);
        int length = 512 * (1 + random.nextInt(Math.min(300, (SIZE - at) / 512)));
        byte[] expected = Arrays.copyOfRange(disk, at, at + length);
        assertArrayEquals(expected, guest.read(opened, at, length), "at " + at);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "512, 1.1, no",
    "512, 0.10, yes",
    "4096, 1.1, yes",
    "65536, 0.10, no",
    "65536, 1.1, no",
    "65536, 1.1, yes",
    "2097152, 1.1, no",
    "2097152, 1.1, yes",
  })
  void whatQemuConvertsIsRead(int clusterSize, String compat, String compress) throws IOException {
    byte[] disk = disk(clusterSize);
    Path image = folder.resolve("disk.qcow2");
    String options = "cluster_size=" + clusterSize + ",compat=" + compat;
    if (compress.equals("yes")) {
      QemuImg.run("convert", "-c", "-O", "qcow2", "-o", options, raw(disk), image);
    } else {
      QemuImg.run("convert", "-O", "qcow2", "-o", options, raw(disk), image);
    }
    assertShows(disk, image);
  }

  @ParameterizedTest
  @CsvSource({"metadata", "falloc", "full"})
  void preallocatedClustersAreRead(String preallocation) {
    Path image = folder.resolve("disk.qcow2");
    QemuImg.run("create", "-f", "qcow2", "-o", "preallocation=" + preallocation, image, SIZE);
    QemuImg.io(image, "write -P 0x41 1M 3k");
    byte[] disk = new byte[SIZE];
    Arrays.fill(disk, 1 << 20, (1 << 20) + 3072, (byte) 0x41);
    assertShows(disk, image);
  }

  @Test
  void eachImageOfAChainShowsWhatItHasAndElseWhatIsBelow() throws IOException {
    byte[] disk = disk(4);
    Files.write(folder.resolve("base.raw"), Arrays.copyOf(disk, 3 << 20)); // shorter than the rest
    Arrays.fill(disk, 3 << 20, SIZE, (byte) 0);
    Path middle = folder.resolve("middle.qcow2");
    Path top = folder.resolve("top.qcow2");
    QemuImg.run("create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", middle, SIZE);
    QemuImg.io(middle, "write -P 0x11 100k 300k", "write -z 1M 200k", "write -P 0x12 3000k 200k");
    QemuImg.run("create", "-f", "qcow2", "-b", "middle.qcow2", "-F", "qcow2", top, SIZE);
    QemuImg.io(top, "write -P 0x21 150k 10k", "write -P 0x22 1100k 512", "write -P 0x23 4M 5k");
    Arrays.fill(disk, 100 << 10, 400 << 10, (byte) 0x11);
    Arrays.fill(disk, 1 << 20, (1 << 20) + (200 << 10), (byte) 0);
    Arrays.fill(disk, 3000 << 10, 3200 << 10, (byte) 0x12);
    Arrays.fill(disk, 150 << 10, 160 << 10, (byte) 0x21);
    Arrays.fill(disk, 1100 << 10, (1100 << 10) + 512, (byte) 0x22);
    Arrays.fill(disk, 4 << 20, (4 << 20) + (5 << 10), (byte) 0x23);
    assertShows(disk, top);
  }

  @ParameterizedTest
  @CsvSource({"512, 1.1, 16", "65536, 0.10, 16", "65536, 1.1, 16", "4096, 1.1, 2"})
  void aSnapshotKeepsWhatIsWrittenOver(int clusterSize, String compat, int refcountBits)
      throws IOException {
    byte[] before = disk(5);
    Path image = folder.resolve("disk.qcow2");
    String options = "cluster_size=" + clusterSize + ",compat=" + compat;
    if (!compat.equals("0.10")) {
      options += ",refcount_bits=" + refcountBits;
    }
    QemuImg.run("convert", "-O", "qcow2", "-o", options, raw(before), image);
    QemuImg.run("snapshot", "-c", "one", image);
    byte[] after = before.clone();
    Random random = new Random(6);
    try (Qcow2Image opened = Qcow2Image.open(image.toString(), false, null)) {
      for (int i = 0; i < 30; i++) {
        byte[] piece = new byte[512 * (1 + random.nextInt(200))];
        random.nextBytes(piece);
        int at = 512 * random.nextInt((SIZE - piece.length) / 512);
        guest.write(opened, at, piece);
        System.arraycopy(piece, 0, after, at, piece.length);
      }
      assertEquals(0, opened.writeZeroes(guest.state, 1 << 20, 1 << 20, true));
      Arrays.fill(after, 1 << 20, 2 << 20, (byte) 0);
    }
    QemuImg.check(image);
    assertArrayEquals(after, QemuImg.content(image));
    assertShows(after, image);
    QemuImg.run("snapshot", "-a", "one", image);
    QemuImg.check(image);
    assertArrayEquals(before, QemuImg.content(image));
    QemuImg.run("snapshot", "-d", "one", image);
    QemuImg.check(image);
  }

  @Test
  void overwritingCompressedClustersFreesThem() throws IOException {
    byte[] disk = disk(7);
    Path image = folder.resolve("disk.qcow2");
    QemuImg.run("convert", "-c", "-O", "qcow2", raw(disk), image);
    Random random = new Random(8);
    try (Qcow2Image opened = Qcow2Image.open(image.toString(), false, null)) {
      for (int i = 0; i < 60; i++) {
        byte[] piece = new byte[512 * (1 + random.nextInt(200))];
        random.nextBytes(piece);
        int at = 512 * random.nextInt((SIZE - piece.length) / 512);
        guest.write(opened, at, piece);
        System.arraycopy(piece, 0, disk, at, piece.length);
        if (i % 10 == 0) {
          assertEquals(0, opened.flush(guest.state));
        }
      }
    }
    QemuImg.check(image);
    assertArrayEquals(disk, QemuImg.content(image));
  }

  @Test
  void bitmapsThatWeDoNotKeepAreNoLongerTrusted() {
    Path image = folder.resolve("disk.qcow2");
    QemuImg.run("create", "-f", "qcow2", image, SIZE);
    QemuImg.run("bitmap", "--add", image, "changes");
    try (Qcow2Image opened = Qcow2Image.open(image.toString(), false, null)) {
      assertEquals(1, Qcow2ImageTest.autoclear(image)); // until something changes
      guest.write(opened, 0, new byte[512]);
    }
    assertEquals(0, Qcow2ImageTest.autoclear(image));
    QemuImg.checkButForLeaks(image, "after a write");
  }
}
