package io.jvmm.devices.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.block.DiskException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Images that are almost right: whatever is in them, they are refused or answer with errors. */
class BrokenImageTest {
  private static final int ROUNDS = 3000;
  private static final int SIZE = 300_000;
  private static final int FILE_MAX = 64 << 20;

  /** An image with data, zero clusters, holes and free clusters. */
  private static byte[] seed(int clusterBits, int refcountOrder) {
    byte[] blank = new BlankImage(3, clusterBits, refcountOrder, SIZE / 512 * 512).bytes();
    CrashingFile file = new CrashingFile(blank, Integer.MAX_VALUE);
    try (GuestBuffers guest = new GuestBuffers(1);
        Qcow2Image image = Qcow2Image.of(file, Qcow2Image.readHeader(file), null, false)) {
      Random random = new Random(1);
      for (int i = 0; i < 20; i++) {
        byte[] content = new byte[512 * (1 + random.nextInt(40))];
        random.nextBytes(content);
        guest.write(image, 512L * random.nextInt((SIZE - content.length) / 512), content);
      }
      image.writeZeroes(guest.state, 50 << 10, 20 << 10, false);
      image.discard(guest.state, 100 << 10, 20 << 10);
    }
    return file.content();
  }

  @Test
  void aBrokenImageIsRefusedOrAnswersWithErrors() {
    byte[][] seeds = {seed(9, 4), seed(9, 6), seed(12, 0), seed(16, 4)};
    Random random = new Random(9);
    int opened = 0;
    try (GuestBuffers guest = new GuestBuffers(2)) {
      for (int round = 0; round < ROUNDS; round++) {
        byte[] image = seeds[random.nextInt(seeds.length)].clone();
        int clusterSize = 1 << image[23];
        for (int i = random.nextInt(4); i >= 0; i--) {
          mutate(image, clusterSize, random);
        }
        opened += use(image, guest, random) ? 1 : 0;
      }
    }
    assertTrue(opened > ROUNDS / 4, "opened: " + opened);
    assertTrue(opened < ROUNDS, "refused: " + (ROUNDS - opened));
  }

  private static void mutate(byte[] image, int clusterSize, Random random) {
    int at =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt(128); // the header
          case 1 -> random.nextInt(Math.min(image.length, 8 * clusterSize)); // tables
          case 2 -> random.nextInt(image.length / 8) * 8;
          default -> (1 + random.nextInt(5)) * clusterSize + 8 * random.nextInt(4);
        };
    switch (random.nextInt(4)) {
      case 0 -> image[at] = (byte) random.nextInt();
      case 1 -> image[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> { // a number of eight bytes that points somewhere
        long value = ((long) random.nextInt(40) * clusterSize) | ((long) random.nextInt(4) << 62);
        for (int i = 0; i < 8 && at + i < image.length; i++) {
          image[at + i] = (byte) (value >>> (8 * (7 - i)));
        }
      }
      default -> {
        for (int i = 0; i < 8 && at + i < image.length; i++) {
          image[at + i] = (byte) (random.nextInt(3) - 1);
        }
      }
    }
  }

  /** Whether it could be opened. */
  private static boolean use(byte[] content, GuestBuffers guest, Random random) {
    CrashingFile file = new CrashingFile(content, Integer.MAX_VALUE);
    file.setRoom(FILE_MAX);
    Qcow2Image image;
    try {
      image = Qcow2Image.of(file, Qcow2Image.readHeader(file), null, random.nextInt(4) == 0);
    } catch (DiskException refused) {
      return false;
    }
    try (image) {
      int sectors = (int) Math.min(image.length() / 512, 2 * SIZE / 512);
      for (int i = 0; i < 12; i++) {
        int count = 1 + random.nextInt(Math.min(sectors, 60));
        long offset = 512L * random.nextInt(sectors - count + 1);
        if (random.nextInt(10) == 0) {
          offset = image.length() - count * 512L;
        }
        switch (random.nextInt(6)) {
          case 0, 1 -> guest.tryRead(image, offset, count * 512);
          case 2 -> image.discard(guest.state, offset, count * 512L);
          case 3 -> image.writeZeroes(guest.state, offset, count * 512L, random.nextBoolean());
          case 4 -> image.flush(guest.state);
          default -> guest.tryWrite(image, offset, new byte[count * 512]);
        }
      }
    }
    return true;
  }
}
