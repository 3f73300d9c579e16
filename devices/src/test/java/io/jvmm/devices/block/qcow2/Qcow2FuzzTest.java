package io.jvmm.devices.block.qcow2;

import io.jvmm.devices.block.DiskException;
import io.jvmm.virtio.fuzz.Corpus;
import io.jvmm.virtio.fuzz.FuzzInput;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * A small image whose bytes the fuzzer changes, and a guest that reads and writes it. It is
 * refused, or answers every request; it reaches nothing but its own file, which does not grow for
 * ever.
 */
final class Qcow2FuzzTest {
  private static final int SIZE = 192 << 10;
  private static final int FILE_MAX = 4 << 20;
  private static final byte[][] SEEDS = {seed(9, 4), seed(9, 6), seed(12, 0), seed(14, 4)};
  private static final GuestBuffers GUEST = new GuestBuffers(1);

  @Test
  void theCorpusDoesNoHarm() throws IOException {
    Corpus.replay("Qcow2", Qcow2FuzzTest::fuzzerTestOneInput);
  }

  /** With data at some places, zeroes at others. */
  private static byte[] seed(int clusterBits, int refcountOrder) {
    byte[] blank = new BlankImage(3, clusterBits, refcountOrder, SIZE).bytes();
    CrashingFile file = new CrashingFile(blank, Integer.MAX_VALUE);
    try (GuestBuffers guest = new GuestBuffers(1);
        Qcow2Image image = Qcow2Image.of(file, Qcow2Image.readHeader(file), null, false)) {
      for (int at = 0; at < SIZE; at += 40 << 10) {
        guest.write(image, at, new byte[9 << 10]);
      }
      image.writeZeroes(guest.state, 50 << 10, 20 << 10, false);
    }
    return file.content();
  }

  /** The fuzzer's entry. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzInput input = new FuzzInput(bytes);
    byte[] image = SEEDS[input.below(SEEDS.length)].clone();
    for (int i = input.below(6); i > 0; i--) {
      change(input, image);
    }
    CrashingFile file = new CrashingFile(image, Integer.MAX_VALUE);
    file.setRoom(FILE_MAX);
    boolean readOnly = input.below(4) == 0;
    Qcow2Image opened;
    try {
      opened = Qcow2Image.of(file, Qcow2Image.readHeader(file), null, readOnly);
    } catch (DiskException refused) {
      return;
    }
    try (opened) {
      while (input.hasMore()) {
        request(input, opened);
      }
    }
  }

  private static void change(FuzzInput input, byte[] image) {
    int at =
        switch (input.below(3)) {
          case 0 -> input.below(112); // the header
          case 1 -> 8 * input.below(512); // tables
          default -> input.i32() & Integer.MAX_VALUE;
        };
    int count = input.bool() ? 8 : 1 + input.below(4);
    for (int i = 0; i < count; i++) {
      image[(int) (((long) at + i) % image.length)] = (byte) input.u8();
    }
  }

  private static void request(FuzzInput input, Qcow2Image image) {
    long sectors = image.length() / 512;
    int count = (int) Math.min(1 + input.below(64), sectors);
    long from = input.bool() ? input.below(SIZE / 512) : input.i64() & Long.MAX_VALUE;
    long offset = 512 * (from % (sectors - count + 1));
    long length = 512L * count;
    switch (input.below(6)) {
      case 0, 1 -> GUEST.tryRead(image, offset, (int) length);
      case 2 -> image.discard(GUEST.state, offset, length);
      case 3 -> image.writeZeroes(GUEST.state, offset, length, input.bool());
      case 4 -> image.flush(GUEST.state);
      default -> GUEST.tryWrite(image, offset, new byte[(int) length]);
    }
  }
}
