package io.jvmm.devices.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random requests beside a model; QEMU has the last word. */
class Qcow2ModelTest {
  private static final int STEPS = 400;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "3, 9, 4, 1000000, no",
    "3, 9, 6, 1000000, no", // many refcount blocks, a table that grows
    "3, 9, 0, 700000, raw",
    "2, 12, 4, 5000000, no",
    "2, 12, 4, 5000000, raw",
    "3, 12, 1, 5000000, qcow2",
    "3, 12, 3, 5000000, qcow2",
    "3, 16, 4, 9000000, no",
    "3, 16, 5, 9000000, raw",
    "3, 16, 2, 9000000, qcow2",
    "3, 21, 4, 40000000, qcow2",
  })
  void whatIsWrittenIsReadAgainAndTheImageIsWhole(
      int version, int clusterBits, int refcountOrder, int length, String backing)
      throws IOException {
    int size = length & -512;
    Path image = folder.resolve("disk.qcow2");
    byte[] model = new byte[size];
    BlankImage blank = new BlankImage(version, clusterBits, refcountOrder, size);
    if (backing.equals("no")) {
      blank.write(image);
    } else {
      makeBacking(model, backing);
      blank.write(image, "base", backing);
    }
    long seed = clusterBits * 100L + refcountOrder;
    try (Run run = new Run(image, folder.toString(), model, seed, 3 << clusterBits)) {
      for (int i = 0; i < STEPS; i++) {
        run.step(i);
      }
    }
    assertImageIs(model, image);
  }

  private void makeBacking(byte[] model, String format) throws IOException {
    int part = (model.length * 2 / 3) & -512;
    byte[] base = new byte[part];
    new Random(1).nextBytes(base);
    Arrays.fill(base, part / 4, part / 2, (byte) 0);
    System.arraycopy(base, 0, model, 0, part);
    Path path = folder.resolve("base");
    if (format.equals("raw")) {
      Files.write(path, base);
      return;
    }
    BlankImage.of(part).write(path);
    try (GuestBuffers guest = new GuestBuffers(1);
        Qcow2Image opened = Qcow2Image.open(path.toString(), false, null)) {
      for (int at = 0; at < part; at += 1 << 20) {
        int n = Math.min(1 << 20, part - at);
        guest.write(opened, at, Arrays.copyOfRange(base, at, at + n));
      }
    }
  }

  private static void assertImageIs(byte[] model, Path image) throws IOException {
    QemuImg.assume();
    QemuImg.check(image);
    assertArrayEquals(model, QemuImg.content(image));
  }

  private static final class Run implements AutoCloseable {
    private final String path;
    private final String backing;
    private final byte[] model;
    private final Random random;
    private final int lengthMax;
    private final GuestBuffers guest;
    private Qcow2Image image;

    Run(Path path, String backing, byte[] model, long seed, int lengthMax) {
      this.path = path.toString();
      this.backing = backing;
      this.model = model;
      this.random = new Random(seed);
      this.lengthMax = Math.min(lengthMax, 7 << 20);
      this.guest = new GuestBuffers(seed);
      this.image = Qcow2Image.open(this.path, false, backing);
    }

    void step(int i) {
      boolean isLong = random.nextInt(4) == 0;
      int length = 512 * (1 + random.nextInt(isLong ? lengthMax / 512 : 16));
      int offset = 512 * random.nextInt((model.length - length) / 512 + 1);
      if (random.nextInt(20) == 0) {
        offset = model.length - length;
      }
      String what = "step " + i + " at " + offset + " of " + length;
      switch (random.nextInt(16)) {
        case 0, 1, 2 -> assertReads(what, offset, length);
        case 3 -> discard(what, offset, length);
        case 4 -> zero(what, offset, length, true);
        case 5 -> zero(what, offset, length, false);
        case 6 -> assertEquals(0, image.flush(guest.state));
        case 7 -> {
          if (random.nextInt(8) == 0) {
            image.close();
            image = Qcow2Image.open(path, false, backing);
          }
        }
        default -> {
          byte[] piece = new byte[length];
          random.nextBytes(piece);
          guest.write(image, offset, piece);
          System.arraycopy(piece, 0, model, offset, length);
        }
      }
    }

    private void assertReads(String what, int offset, int length) {
      byte[] expected = Arrays.copyOfRange(model, offset, offset + length);
      assertArrayEquals(expected, guest.read(image, offset, length), what);
    }

    private void zero(String what, int offset, int length, boolean mayDiscard) {
      assertEquals(0, image.writeZeroes(guest.state, offset, length, mayDiscard));
      Arrays.fill(model, offset, offset + length, (byte) 0);
      assertReads(what + ", zeroed", offset, length);
    }

    /** Each sector has what it had, or zeroes. */
    private void discard(String what, int offset, int length) {
      assertEquals(0, image.discard(guest.state, offset, length));
      byte[] now = guest.read(image, offset, length);
      for (int at = 0; at < length; at += 512) {
        byte[] sector = Arrays.copyOfRange(now, at, at + 512);
        if (!Arrays.equals(sector, new byte[512])) {
          byte[] expected = Arrays.copyOfRange(model, offset + at, offset + at + 512);
          assertArrayEquals(expected, sector, what + ", discarded");
        }
      }
      System.arraycopy(now, 0, model, offset, length);
    }

    @Override
    public void close() {
      assertReads("at the end", 0, model.length);
      image.close();
      guest.close();
    }
  }
}
