package io.jvmm.devices.block;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a raw image does, by whatever backend it is worked; a subclass names one. */
@Timeout(120)
abstract class BackendContract {
  private static final int LENGTH = 4 << 20;
  private static final int ROUNDS = 60;
  private static final int SECTOR = 512;

  @TempDir Path folder;

  /**
   * The backend under test, over an image that it closes.
   *
   * @param driver who will call it
   */
  abstract BlockBackend backend(RawFile image, BackendDriver driver);

  private BackendDriver driver(RawFile image) {
    return new BackendDriver(driver -> backend(image, driver));
  }

  private Path image(int length) throws IOException {
    Path path = folder.resolve("disk.img");
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return Files.write(path, content);
  }

  private static RawFile open(Path path) {
    return RawFile.open(path.toString(), false);
  }

  private static void agree(boolean direct, Path image, BackendDriver driver) {
    try {
      Random random = new Random(7);
      byte[] model = Files.readAllBytes(image);
      for (int round = 0; round < ROUNDS; round++) {
        int count = 1 + random.nextInt(Math.min(16, driver.backend.maxPending()));
        // Places that do not meet, so that the order in a batch does not matter.
        int share = LENGTH / count & -SECTOR;
        int[] lengths = new int[count];
        int[] offsets = new int[count];
        boolean writes = random.nextBoolean();
        IovecArray[] buffers = new IovecArray[count];
        long gpa = direct && round % 2 == 0 ? 1 : 0; // now and then where no device could reach
        for (int i = 0; i < count; i++) {
          lengths[i] = SECTOR * (1 + random.nextInt(share / SECTOR / 2));
          offsets[i] = i * share + SECTOR * random.nextInt(share / SECTOR / 2);
          buffers[i] = driver.scattered(random, gpa, lengths[i]);
          if (writes) {
            byte[] data = new byte[lengths[i]];
            random.nextBytes(data);
            driver.fill(gpa, data);
            System.arraycopy(data, 0, model, offsets[i], lengths[i]);
          }
          gpa += lengths[i];
        }
        driver.batch(
            count,
            (state, i) ->
                writes
                    ? driver.backend.write(state, buffers[i], offsets[i], i)
                    : driver.backend.read(state, buffers[i], offsets[i], i));
        gpa = direct && round % 2 == 0 ? 1 : 0;
        for (int i = 0; i < count; i++) {
          byte[] expected = Arrays.copyOfRange(model, offsets[i], offsets[i] + lengths[i]);
          assertArrayEquals(expected, driver.content(gpa, lengths[i]));
          gpa += lengths[i];
        }
      }
      assertEquals(BlockBackend.DONE, driver.flush());
      assertArrayEquals(model, Files.readAllBytes(image));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void batchesOfReadsAndWritesAgreeWithAModel() throws IOException {
    Path image = image(LENGTH);
    try (BackendDriver driver = driver(open(image))) {
      agree(false, image, driver);
    }
  }

  @Test
  void aFlushThatFailedOnceIsNotForgotten() throws IOException {
    RawFile file = open(image(LENGTH));
    try (BackendDriver driver = driver(file)) {
      assertEquals(BlockBackend.DONE, driver.flush());
      assertEquals(-Errno.ECANCELED, file.synced(-Errno.ECANCELED));
      assertEquals(BlockBackend.DONE, driver.flush());
      assertEquals(-Errno.ENOSPC, file.synced(-Errno.ENOSPC));
      assertEquals(-Errno.ENOSPC, driver.flush());
    }
  }

  @Test
  void soTheyDoPastThePageCacheWhereverTheBuffersLie() throws IOException {
    Path image = image(LENGTH);
    try (BackendDriver driver = driver(RawFile.open(image.toString(), false, true))) {
      agree(true, image, driver);
    }
  }

  @Test
  void aRequestLargerThanWhatTheHostMovesAtOnceIsDoneInFull() throws IOException {
    Path image = image(8 << 20);
    byte[] content = Files.readAllBytes(image);
    try (BackendDriver driver = driver(RawFile.open(image.toString(), false, true))) {
      int length = (8 << 20) - 1024;
      assertEquals(BlockBackend.DONE, driver.read(513, length, 1024));
      assertArrayEquals(
          Arrays.copyOfRange(content, 1024, 1024 + length), driver.content(513, length));
    }
  }

  @Test
  void asManyOperationsAsCanBePendingEnd() throws IOException {
    try (BackendDriver driver = driver(open(image(LENGTH)))) {
      int most = driver.backend.maxPending();
      IovecArray[] buffers = new IovecArray[most];
      for (int i = 0; i < most; i++) {
        buffers[i] = driver.buffers((long) i * SECTOR, SECTOR);
      }
      for (int round = 0; round < 3; round++) {
        driver.batch(
            most,
            (state, i) -> {
              buffers[i].clear();
              buffers[i].add(driver.memory.check((long) i * SECTOR, SECTOR), SECTOR);
              return i % 8 == 7
                  ? driver.backend.flush(state, i)
                  : driver.backend.read(state, buffers[i], (long) i * SECTOR, i);
            });
      }
    }
  }

  @Test
  void aFileThatWasCutIsAnError() throws IOException {
    Path image = image(4096);
    try (BackendDriver driver = driver(open(image))) {
      try (RandomAccessFile cut = new RandomAccessFile(image.toFile(), "rw")) {
        cut.setLength(1024);
      }
      assertEquals(-Errno.EIO, driver.read(0, 1024, 512));
      assertEquals(-Errno.EIO, driver.read(0, 512, 2048));
      assertEquals(BlockBackend.DONE, driver.read(0, 1024, 0));
    }
  }

  @Test
  void aWriteThatTheHostRefusesIsAnErrorAndOthersGoOn() throws IOException {
    Path image = image(4096);
    try (BackendDriver driver = driver(RawFile.open(image.toString(), true))) {
      assertEquals(-Errno.EBADF, driver.write(0, 512, 0));
      assertEquals(BlockBackend.DONE, driver.read(0, 512, 0));
    }
  }

  @Test
  void aFullFileSystemIsAnErrorAndOthersGoOn() throws Exception {
    Path small = Files.createDirectory(folder.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small.toString()) == 0,
        "only root mounts a small file system");
    try {
      Path image = small.resolve("disk.img");
      try (RandomAccessFile sparse = new RandomAccessFile(image.toFile(), "rw")) {
        sparse.setLength(1 << 20);
      }
      try (BackendDriver driver = driver(open(image))) {
        assertEquals(-Errno.ENOSPC, driver.write(0, 1 << 20, 0));
        assertEquals(BlockBackend.DONE, driver.read(0, 1 << 20, 0));
        assertEquals(
            BlockBackend.DONE, driver.perform(s -> driver.backend.discard(s, 0, 1 << 20, 0)));
        assertEquals(BlockBackend.DONE, driver.write(0, 1 << 16, 4096), "there is room again");
        // No file system of this kind can make zeroes that keep their space: they are written.
        driver.fill(0, new byte[1 << 16]);
        assertEquals(
            BlockBackend.DONE,
            driver.perform(s -> driver.backend.writeZeroes(s, 4096, 1 << 16, false, 0)));
        assertEquals(BlockBackend.DONE, driver.read(0, 1 << 16, 4096));
        assertArrayEquals(new byte[1 << 16], driver.content(0, 1 << 16));
      }
    } finally {
      run("umount", small.toString());
    }
  }

  @Test
  void whatIsDiscardedGivesItsSpaceBackAndReadsAsZeroes() throws Exception {
    Path image = image(LENGTH);
    byte[] content = Files.readAllBytes(image);
    try (BackendDriver driver = driver(open(image))) {
      driver.flush();
      long before = blocks(image);
      assertEquals(
          BlockBackend.DONE, driver.perform(s -> driver.backend.discard(s, 1 << 20, 1 << 20, 0)));
      driver.flush();
      long given = before - blocks(image);
      assumeTrue(given != 0, "this file system makes no holes");
      assertTrue(given >= 1 << 11, () -> given + " blocks of 512 bytes");
      Arrays.fill(content, 1 << 20, 2 << 20, (byte) 0);
      assertArrayEquals(content, Files.readAllBytes(image));
    }
  }

  @Test
  void zeroesReadAsZeroesWhetherOrNotTheirSpaceMayGo() throws Exception {
    Path image = image(LENGTH);
    byte[] content = Files.readAllBytes(image);
    try (BackendDriver driver = driver(open(image))) {
      driver.flush();
      long before = blocks(image);
      assertEquals(
          BlockBackend.DONE,
          driver.perform(s -> driver.backend.writeZeroes(s, 512, 1 << 20, false, 0)));
      driver.flush();
      assertTrue(blocks(image) >= before, "the space stays");
      assertEquals(
          BlockBackend.DONE,
          driver.perform(s -> driver.backend.writeZeroes(s, 2 << 20, 1 << 20, true, 0)));
      driver.flush();
      assertTrue(blocks(image) < before, "the space goes");
      Arrays.fill(content, 512, 512 + (1 << 20), (byte) 0);
      Arrays.fill(content, 2 << 20, 3 << 20, (byte) 0);
      assertArrayEquals(content, Files.readAllBytes(image));
      assertEquals(LENGTH, Files.size(image));
    }
  }

  @Test
  void aBlockDeviceIsReadWrittenDiscardedAndZeroed() throws Exception {
    Path image = image(LENGTH);
    byte[] content = Files.readAllBytes(image);
    try (LoopDevice loop = LoopDevice.over(image, 4096);
        BackendDriver driver = driver(RawFile.open(loop.path(), false, true))) {
      byte[] data = new byte[8192];
      Arrays.fill(data, (byte) 7);
      driver.fill(0, data);
      assertEquals(BlockBackend.DONE, driver.write(0, 8192, 4096));
      assertEquals(
          BlockBackend.DONE, driver.perform(s -> driver.backend.discard(s, 1 << 20, 1 << 20, 0)));
      assertEquals(
          BlockBackend.DONE,
          driver.perform(s -> driver.backend.writeZeroes(s, 2 << 20, 4096, false, 0)));
      assertEquals(
          BlockBackend.DONE,
          driver.perform(s -> driver.backend.writeZeroes(s, 3 << 20, 4096, true, 0)));
      assertEquals(BlockBackend.DONE, driver.flush());
      System.arraycopy(data, 0, content, 4096, 8192);
      Arrays.fill(content, 1 << 20, 2 << 20, (byte) 0);
      Arrays.fill(content, 2 << 20, (2 << 20) + 4096, (byte) 0);
      Arrays.fill(content, 3 << 20, (3 << 20) + 4096, (byte) 0);
      assertEquals(BlockBackend.DONE, driver.read(0, LENGTH, 0));
      assertArrayEquals(content, driver.content(0, LENGTH));
    }
  }

  @Test
  void aFileThatGrowsIsLongerWhenItIsAsked() throws IOException {
    Path image = image(4096);
    try (BackendDriver driver = driver(open(image))) {
      try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
        file.setLength(8192);
      }
      assertEquals(4096, driver.backend.length());
      assertEquals(8192, driver.onLoop(s -> (int) driver.backend.refreshLength(s)));
      assertEquals(8192, driver.backend.length());
      assertEquals(BlockBackend.DONE, driver.read(0, 4096, 4096));
    }
  }

  @Test
  void cancellingWithNothingPendingChangesNothing() throws IOException {
    try (BackendDriver driver = driver(open(image(4096)))) {
      for (int i = 0; i < 3; i++) {
        driver.onLoop(
            state -> {
              driver.backend.cancel(state);
              return 0;
            });
        assertEquals(BlockBackend.DONE, driver.read(0, 512, 0));
      }
    }
  }

  @Test
  void whatIsCancelledEndsAsDoneOrCancelledAndNothingIsLost() throws IOException {
    try (BackendDriver driver = driver(open(image(LENGTH)))) {
      int most = driver.backend.maxPending();
      IovecArray[] buffers = new IovecArray[most];
      for (int i = 0; i < most; i++) {
        buffers[i] = driver.buffers((long) i * SECTOR, SECTOR);
      }
      int pending =
          driver.onLoop(
              state -> {
                int begun = 0;
                for (int i = 0; i < most; i++) {
                  int outcome = driver.backend.read(state, buffers[i], 0, i);
                  begun += outcome == BlockBackend.PENDING ? 1 : 0;
                }
                driver.backend.submit(state);
                driver.backend.cancel(state);
                return begun;
              });
      for (int i = 0; i < pending; i++) {
        int result = driver.nextEnd().result();
        assertTrue(result == BlockBackend.DONE || result == -Errno.ECANCELED, () -> "" + result);
      }
      assertEquals(BlockBackend.DONE, driver.flush());
      assertFalse(driver.backend.isReadOnly());
    }
  }

  private static int run(String... command) throws Exception {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1;
    }
  }

  /** Blocks of 512 bytes that the file takes on its file system. */
  private static long blocks(Path file) throws Exception {
    Process stat = new ProcessBuilder("stat", "--format=%b", file.toString()).start();
    return Long.parseLong(new String(stat.getInputStream().readAllBytes(), UTF_8).strip());
  }
}
