package io.jvmm.devices.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The host ends after each of its writes and syncs in turn, and keeps of what was not synced what
 * it likes. Sectors carry stamps: after a crash each has one that the guest wrote since its last
 * flush, or the one that it had then.
 */
class Qcow2CrashTest {
  private static final int SECTOR = 512;
  private static final int STEPS = 60;
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int BASE_STAMP = 1_000_000;

  @TempDir private Path folder;

  private final GuestBuffers guest = new GuestBuffers(1);

  @AfterEach
  void close() {
    guest.close();
  }

  @ParameterizedTest
  @CsvSource({
    "9, 4, 150000, no, 60",
    "9, 6, 150000, no, 60", // the refcount table grows
    "9, 0, 150000, yes, 60",
    "12, 4, 600000, yes, 60",
    "16, 4, 3000000, yes, 30",
  })
  void aCrashLosesNothingThatWasFlushed(
      int clusterBits, int refcountOrder, int length, String hasBase, int crashes)
      throws IOException {
    int sectors = length / SECTOR;
    byte[] blank = new BlankImage(3, clusterBits, refcountOrder, (long) sectors * SECTOR).bytes();
    int baseSectors = hasBase.equals("yes") ? sectors / 2 : 0;
    long seed = clusterBits * 10L + refcountOrder;
    CrashingFile whole = new CrashingFile(blank, NEVER);
    int allCalls;
    try (Disk disk = new Disk(whole, sectors, baseSectors)) {
      disk.run(seed);
      allCalls = whole.calls();
    }
    assertEquals(0, ImageCheck.check("at the end", whole.content()));
    for (int i = 0; i < crashes; i++) {
      int calls = (int) ((long) allCalls * i / crashes);
      String when = "after " + calls + " of " + allCalls + " calls";
      CrashingFile file = new CrashingFile(blank, calls);
      Disk disk = new Disk(file, sectors, baseSectors);
      disk.run(seed);
      assertTrue(file.isDead(), when);
      byte[] left = file.afterCrash(new Random(i));
      ImageCheck.check(when, left);
      if (i % 10 == 0 && isQemuThere()) {
        Path image = Files.write(folder.resolve("left.qcow2"), left);
        QemuImg.checkButForLeaks(image, when);
      }
      disk.assertAfterCrash(when, left);
      disk.close();
    }
  }

  private static boolean isQemuThere() {
    return Files.isExecutable(Path.of("/usr/bin/qemu-img"));
  }

  @Test
  void aSnapshotAndItsTablesOutliveACrash() throws IOException {
    QemuImg.assume();
    int sectors = 1000;
    Path image = folder.resolve("disk.qcow2");
    new BlankImage(3, 9, 4, (long) sectors * SECTOR).write(image);
    CrashingFile first = new CrashingFile(Files.readAllBytes(image), NEVER);
    Disk before = new Disk(first, sectors, 0);
    before.run(1);
    before.close();
    Files.write(image, first.content());
    QemuImg.run("snapshot", "-c", "one", image);
    byte[] snapshot = Files.readAllBytes(image);
    int calls = 0;
    for (int i = 0; i < 40; i++, calls += 3) {
      CrashingFile file = new CrashingFile(snapshot, calls);
      Disk disk = new Disk(file, sectors, 0, before);
      disk.run(2);
      byte[] left = file.afterCrash(new Random(i));
      QemuImg.checkButForLeaks(Files.write(image, left), "after " + calls + " calls");
      disk.assertAfterCrash("after " + calls + " calls", left);
      disk.close();
    }
  }

  /** Every second write finds no room; what was there stays, and later there is room again. */
  @Test
  void aFullHostIsToldAndTheImageStaysWhole() {
    int sectors = 3000;
    byte[] blank = new BlankImage(3, 9, 4, (long) sectors * SECTOR).bytes();
    CrashingFile file = new CrashingFile(blank, NEVER);
    Random random = new Random(5);
    int full = 0;
    int[] stamps = new int[sectors];
    try (Disk disk = new Disk(file, sectors, 0)) {
      for (int i = 1; i < 300; i++) {
        file.setRoom(i % 50 < 25 ? NEVER : file.content().length + random.nextInt(2000));
        int count = 1 + random.nextInt(40);
        int at = random.nextInt(sectors - count);
        int result = guest.tryWrite(disk.image, (long) at * SECTOR, stamped(count, i));
        if (result == 0) {
          Arrays.fill(stamps, at, at + count, i);
        } else {
          assertEquals(-Errno.ENOSPC, result);
          full++;
          int[] now = stampsOf(guest.read(disk.image, (long) at * SECTOR, count * SECTOR));
          for (int j = 0; j < count; j++) {
            assertTrue(now[j] == stamps[at + j] || now[j] == i, "sector " + (at + j));
            stamps[at + j] = now[j];
          }
        }
        if (i % 7 == 0) {
          file.setRoom(NEVER);
          assertEquals(0, disk.image.flush(guest.state));
        }
      }
      file.setRoom(NEVER);
      assertEquals(
          Arrays.toString(stamps),
          Arrays.toString(stampsOf(guest.read(disk.image, 0, sectors * SECTOR))));
    }
    assertTrue(full > 10, "found no room: " + full);
    ImageCheck.check("at the end", file.content());
  }

  private static byte[] stamped(int count, int stamp) {
    ByteBuffer content = ByteBuffer.allocate(count * SECTOR);
    while (content.hasRemaining()) {
      content.putInt(stamp);
    }
    return content.array();
  }

  private static int[] stampsOf(byte[] content) {
    ByteBuffer buffer = ByteBuffer.wrap(content);
    int[] stamps = new int[content.length / SECTOR];
    for (int i = 0; i < stamps.length; i++) {
      stamps[i] = buffer.getInt(i * SECTOR);
      for (int at = 0; at < SECTOR; at += 4) {
        assertEquals(stamps[i], buffer.getInt(i * SECTOR + at), "within sector " + i);
      }
    }
    return stamps;
  }

  private final class Disk implements AutoCloseable {
    private final CrashingFile file;
    private final int sectors;
    private final @Nullable RawLayer base;
    final Qcow2Image image;

    /** What each sector has, once everything is flushed. */
    private final int[] now;

    /** What else it may have until then. */
    private final List<Set<Integer>> possible = new ArrayList<>();

    private int stamp;

    Disk(CrashingFile file, int sectors, int baseSectors) {
      this.file = file;
      this.sectors = sectors;
      this.base = baseSectors == 0 ? null : base(baseSectors);
      this.image = open(file);
      this.now = new int[sectors];
      for (int i = 0; i < sectors; i++) {
        now[i] = i < baseSectors ? BASE_STAMP : 0;
        possible.add(new HashSet<>(List.of(now[i])));
      }
    }

    Disk(CrashingFile file, int sectors, int baseSectors, Disk before) {
      this(file, sectors, baseSectors);
      for (int i = 0; i < sectors; i++) {
        now[i] = before.now[i];
      }
      flushed();
      stamp = 1000;
    }

    private static RawLayer base(int sectors) {
      return new RawLayer(new CrashingFile(stamped(sectors, BASE_STAMP), 0));
    }

    private Qcow2Image open(ImageFile opened) {
      return Qcow2Image.of(opened, Qcow2Image.readHeader(opened), base, false);
    }

    void run(long seed) {
      Random random = new Random(seed);
      for (int i = 0; i < STEPS && !file.isDead(); i++) {
        step(random);
      }
      if (!file.isDead() && image.flush(guest.state) == 0) {
        flushed();
      }
    }

    private void step(Random random) {
      int count = 1 + random.nextInt(random.nextInt(3) == 0 ? sectors / 4 : 10);
      int at = random.nextInt(sectors - count + 1);
      long offset = (long) at * SECTOR;
      long length = (long) count * SECTOR;
      switch (random.nextInt(10)) {
        case 0 -> {
          may(at, count, 0);
          if (image.discard(guest.state, offset, length) == 0) {
            int[] read = stampsOf(guest.read(image, offset, count * SECTOR));
            System.arraycopy(read, 0, now, at, count);
          }
        }
        case 1 -> {
          may(at, count, 0);
          if (image.writeZeroes(guest.state, offset, length, random.nextBoolean()) == 0) {
            Arrays.fill(now, at, at + count, 0);
          }
        }
        case 2, 3 -> {
          if (image.flush(guest.state) == 0) {
            flushed();
          }
        }
        default -> {
          may(at, count, ++stamp);
          if (guest.tryWrite(image, offset, stamped(count, stamp)) == 0) {
            Arrays.fill(now, at, at + count, stamp);
          }
        }
      }
    }

    private void may(int at, int count, int value) {
      for (int i = at; i < at + count; i++) {
        possible.get(i).add(value);
      }
    }

    private void flushed() {
      for (int i = 0; i < sectors; i++) {
        possible.get(i).clear();
        possible.get(i).add(now[i]);
      }
    }

    /** Each sector is possible, and the image can be used on. */
    void assertAfterCrash(String when, byte[] left) {
      CrashingFile medium = new CrashingFile(left, NEVER);
      try (Qcow2Image again = open(medium)) {
        int[] stamps = stampsOf(guest.read(again, 0, sectors * SECTOR));
        for (int i = 0; i < sectors; i++) {
          String what = when + ": sector " + i + " has " + stamps[i] + " of " + possible.get(i);
          assertTrue(possible.get(i).contains(stamps[i]), what);
        }
        guest.write(again, 0, stamped(sectors, 77));
        assertEquals(0, again.flush(guest.state));
        assertEquals(77, stampsOf(guest.read(again, 0, sectors * SECTOR))[sectors - 1]);
      }
    }

    @Override
    public void close() {
      image.close();
    }
  }
}
