package io.jvmm.devices.block.qcow2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.block.DiskException;
import io.jvmm.host.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Qcow2ImageTest {
  private static final int SIZE = 4 << 20;
  private static final int CLUSTER = 1 << 16;

  @TempDir private Path folder;

  private final GuestBuffers guest = new GuestBuffers(1);

  @AfterEach
  void close() {
    guest.close();
  }

  /** An image's feature bits that a writer takes back. */
  static long autoclear(Path image) {
    try {
      return ByteBuffer.wrap(Files.readAllBytes(image)).getLong(Qcow2Header.AUTOCLEAR_AT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private String blank() {
    BlankImage.of(SIZE).write(folder.resolve("disk.qcow2"));
    return path("disk.qcow2");
  }

  private String with(int at, long value, int bytes) throws IOException {
    byte[] image = BlankImage.of(SIZE).bytes();
    for (int i = 0; i < bytes; i++) {
      image[at + i] = (byte) (value >>> (8 * (bytes - 1 - i)));
    }
    Files.write(folder.resolve("changed.qcow2"), image);
    return path("changed.qcow2");
  }

  private static String refusal(String path, boolean readOnly, @Nullable String backing) {
    DiskException refusal =
        assertThrows(DiskException.class, () -> Qcow2Image.open(path, readOnly, backing));
    assertTrue(refusal.toString().contains(path), refusal.toString());
    return refusal.toString();
  }

  private static void assertRefused(String path, String reason) {
    String text = refusal(path, true, null);
    assertTrue(text.contains(reason), text);
  }

  @Test
  void aWriterExcludesEverybodyAndReadersShare() {
    String path = blank();
    try (Qcow2Image writer = Qcow2Image.open(path, false, null)) {
      assertFalse(writer.isReadOnly());
      assertTrue(refusal(path, true, null).contains("in use by another VM"));
    }
    try (Qcow2Image one = Qcow2Image.open(path, true, null);
        Qcow2Image two = Qcow2Image.open(path, true, null)) {
      assertEquals(SIZE, one.length());
      assertEquals(-Errno.EROFS, guest.tryWrite(two, 0, new byte[512]));
      assertEquals(-Errno.EROFS, two.discard(guest.state, 0, CLUSTER));
      assertEquals(-Errno.EROFS, two.writeZeroes(guest.state, 0, CLUSTER, true));
      assertEquals(0, two.flush(guest.state));
      assertFalse(one.limits().canDiscard());
    }
  }

  @Test
  void closingTwiceIsClosingOnce() {
    Qcow2Image image = Qcow2Image.open(blank(), false, null);
    guest.write(image, 0, new byte[] {1, 2, 3, 4});
    image.close();
    image.close();
    try (Qcow2Image again = Qcow2Image.open(path("disk.qcow2"), true, null)) {
      assertArrayEquals(new byte[] {1, 2, 3, 4}, Arrays.copyOf(guest.read(again, 0, 512), 4));
    }
  }

  @Test
  void whatCannotBeUsedIsRefusedWithTheReason() throws IOException {
    assertRefused(with(0, 0, 4), "is not a qcow2 image");
    assertRefused(with(4, 4, 4), "is qcow2 version 4");
    assertRefused(with(20, 22, 4), "clusters of 2^22 bytes");
    assertRefused(with(20, 8, 4), "clusters of 2^8 bytes");
    assertRefused(with(24, -1, 8), "a size of 2^63 bytes or more");
    assertRefused(with(24, 511, 8), "smaller than a sector");
    assertRefused(with(24, Long.MAX_VALUE, 8), "too large for its clusters");
    assertRefused(with(24, 1L << 40, 8), "an L1 table too short");
    assertRefused(with(32, 1, 4), "is encrypted");
    assertRefused(with(40, 3 * CLUSTER + 8, 8), "L1 table at offset");
    assertRefused(with(40, 0, 8), "L1 table at offset 0");
    assertRefused(with(40, -CLUSTER, 8), "L1 table at offset");
    assertRefused(with(48, 100 * CLUSTER, 8), "refcount table at offset");
    assertRefused(with(56, 0, 4), "a refcount table of 0 clusters");
    assertRefused(with(56, -1, 4), "a refcount table of");
    assertRefused(with(72, 1 << 2, 8), "keeps its data in another file");
    assertRefused(with(72, 1 << 4, 8), "has subclusters");
    assertRefused(with(72, 1L << 40, 8), "bits 0x10000000000");
    assertRefused(with(96, 7, 4), "refcounts of 2^7 bits");
    assertRefused(with(100, 96, 4), "a header of 96 bytes");
  }

  @Test
  void zstdIsNamed() throws IOException {
    byte[] image = BlankImage.of(SIZE).bytes();
    image[79] = 1 << 3;
    image[103] = 112;
    image[104] = 1;
    Files.write(folder.resolve("zstd.qcow2"), image);
    assertRefused(path("zstd.qcow2"), "compressed with zstd");
  }

  @Test
  void anImageThatNeedsRepairIsOnlyRead() throws IOException {
    String dirty = with(72, 1, 8);
    assertTrue(refusal(dirty, false, null).contains("was not closed by its last user"));
    Qcow2Image.open(dirty, true, null).close();
    String corrupt = with(72, 2, 8);
    assertTrue(refusal(corrupt, false, null).contains("is marked as corrupt"));
    Qcow2Image.open(corrupt, true, null).close();
  }

  @Test
  void autoclearBitsGoWithTheFirstChange() throws IOException {
    String path = with(Qcow2Header.AUTOCLEAR_AT, 0x8000_0000_0000_0003L, 8);
    Qcow2Image.open(path, false, null).close();
    assertEquals(0x8000_0000_0000_0003L, autoclear(Path.of(path)));
    try (Qcow2Image image = Qcow2Image.open(path, false, null)) {
      guest.write(image, 0, new byte[512]);
      assertEquals(0, autoclear(Path.of(path)));
    }
  }

  @Test
  void discardedSpaceGoesBackToTheHost() throws IOException {
    String path = blank();
    byte[] content = new byte[SIZE];
    Arrays.fill(content, (byte) 7);
    try (Qcow2Image image = Qcow2Image.open(path, false, null)) {
      guest.write(image, 0, content);
      assertEquals(0, image.flush(guest.state));
      long full = blocks(path);
      assertTrue(full >= SIZE / 512, "full: " + full);
      assertEquals(0, image.discard(guest.state, 0, SIZE));
      assertEquals(0, image.flush(guest.state));
      long empty = blocks(path);
      assertTrue(empty < SIZE / 512 / 4, "discarded: " + empty);
      assertArrayEquals(new byte[SIZE], guest.read(image, 0, SIZE));
      long length = Files.size(Path.of(path));
      guest.write(image, 0, content);
      assertEquals(length, Files.size(Path.of(path)), "the same clusters are taken again");
    }
  }

  /** Blocks of 512 bytes that a file has on its file system. */
  private static long blocks(String path) throws IOException {
    Process stat = new ProcessBuilder("stat", "-c", "%b %B", path).start();
    String[] answer =
        new String(stat.getInputStream().readAllBytes(), UTF_8).strip().split(" ", -1);
    return Long.parseLong(answer[0]) * Long.parseLong(answer[1]) / 512;
  }

  @Test
  void onlyWhatTheCallerAllowsIsABackingFile() throws IOException {
    Path below = Files.createDirectory(folder.resolve("below"));
    Files.write(below.resolve("base.raw"), new byte[] {1, 2, 3});
    Files.write(folder.resolve("secret"), new byte[SIZE]);
    BlankImage.of(SIZE).write(folder.resolve("top.qcow2"), "below/base.raw", "raw");
    String top = path("top.qcow2");
    String text = refusal(top, false, null);
    assertTrue(text.contains("'below/base.raw'") && text.contains("backing=PATH"), text);
    for (String allowed : new String[] {below.toString(), below + "/base.raw"}) {
      try (Qcow2Image image = Qcow2Image.open(top, false, allowed)) {
        assertArrayEquals(new byte[] {1, 2, 3, 0}, Arrays.copyOf(guest.read(image, 0, 512), 4));
      }
    }
    BlankImage.of(SIZE).write(folder.resolve("top.qcow2"), "below/../secret", "raw");
    assertTrue(refusal(top, false, below.toString()).contains("is not what backing="));
    Files.createSymbolicLink(below.resolve("link"), folder.resolve("secret"));
    BlankImage.of(SIZE).write(folder.resolve("top.qcow2"), "below/link", "raw");
    assertTrue(refusal(top, false, below.toString()).contains("is not what backing="));
    BlankImage.of(SIZE).write(folder.resolve("top.qcow2"), "below/none", "raw");
    assertTrue(refusal(top, false, below.toString()).contains("is not there"));
    BlankImage.of(SIZE).write(folder.resolve("top.qcow2"), "below/base.raw", null);
    assertTrue(refusal(top, false, below.toString()).contains("does not tell the format"));
    BlankImage.of(SIZE).write(folder.resolve("top.qcow2"), "below/base.raw", "vmdk");
    assertTrue(refusal(top, false, below.toString()).contains("of format 'vmdk'"));
  }

  @Test
  void aChainHasAnEnd() throws IOException {
    String all = folder.toRealPath().toString();
    BlankImage.of(SIZE).write(folder.resolve("a"), "b", "qcow2");
    BlankImage.of(SIZE).write(folder.resolve("b"), "a", "qcow2");
    assertTrue(
        assertThrows(DiskException.class, () -> Qcow2Image.open(path("a"), true, all))
            .toString()
            .contains("builds upon itself"));
    for (int i = 0; i < 20; i++) {
      BlankImage.of(SIZE).write(folder.resolve("chain" + i), "chain" + (i + 1), "qcow2");
    }
    assertTrue(
        assertThrows(DiskException.class, () -> Qcow2Image.open(path("chain0"), true, all))
            .toString()
            .contains("more than 16 backing files"));
    BlankImage.of(SIZE).write(folder.resolve("chain16"));
    Qcow2Image.open(path("chain0"), false, all).close();
  }

  @Test
  void aTableOutsideOfTheFileIsAnError() throws IOException {
    String l2 = with(3 * CLUSTER, (1L << 40) | (1L << 63), 8);
    try (Qcow2Image image = Qcow2Image.open(l2, false, null)) {
      assertEquals(-Errno.EIO, guest.tryRead(image, 0, 512));
      assertEquals(-Errno.EIO, guest.tryWrite(image, 0, new byte[512]));
    }
    // An L2 table at the L1 table, whose first entry is then data there: it is not written over.
    String self = with(3 * CLUSTER, (3L * CLUSTER) | (1L << 63), 8);
    byte[] before = Files.readAllBytes(Path.of(self));
    try (Qcow2Image image = Qcow2Image.open(self, false, null)) {
      assertEquals(0, guest.tryRead(image, 0, 512));
      assertEquals(-Errno.EIO, guest.tryWrite(image, 0, new byte[512]));
    }
    assertArrayEquals(before, Files.readAllBytes(Path.of(self)));
  }
}
