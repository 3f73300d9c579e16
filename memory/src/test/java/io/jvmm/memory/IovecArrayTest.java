package io.jvmm.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.file.OpenFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IovecArrayTest {
  private static final int PAGE = 4096;

  private final GuestMemory memory =
      GuestMemory.allocate(16 * PAGE, 64 * PAGE, 64 * PAGE, GuestMemory.Backing.ANONYMOUS);
  private final IovecArray iovecs = new IovecArray(8);

  @AfterEach
  void close() {
    iovecs.close();
    memory.close();
  }

  private void add(long gpa, long length) {
    assertTrue(iovecs.add(memory.check(gpa, length), length));
  }

  @Test
  void theKernelReadsIntoTheRangesInOrder(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("disk");
    byte[] content = new byte[10_000];
    new Random(2).nextBytes(content);
    Files.write(path, content);
    add(100, 7);
    add(5 * PAGE, 4000);
    add(50, 3);
    try (OpenFile file = OpenFile.forReading(path.toString())) {
      assertEquals(
          4010, file.tryReadVector(CallState.current(), iovecs.address(), iovecs.count(), 1000));
    }
    byte[] got = new byte[4010];
    memory.read(100, got, 0, 7);
    memory.read(5 * PAGE, got, 7, 4000);
    memory.read(50, got, 4007, 3);
    byte[] expected = new byte[4010];
    System.arraycopy(content, 1000, expected, 0, 4010);
    assertArrayEquals(expected, got);
  }

  @Test
  void aTransferInPiecesArrivesWhole(@TempDir Path folder) throws Exception {
    Random random = new Random(4);
    Path path = folder.resolve("disk");
    try (OpenFile file = OpenFile.create(path.toString())) {
      for (int round = 0; round < 200; round++) {
        iovecs.clear();
        byte[] expected = new byte[0];
        int ranges = 1 + random.nextInt(8);
        for (int i = 0; i < ranges; i++) {
          byte[] bytes = new byte[random.nextInt(300)];
          random.nextBytes(bytes);
          long gpa = i * (long) PAGE + random.nextInt(1000);
          memory.write(gpa, bytes);
          add(gpa, bytes.length);
          expected = concat(expected, bytes);
        }
        assertEquals(expected.length, iovecs.byteCount());
        CallState state = CallState.current();
        long done = 0;
        while (iovecs.byteCount() > 0) {
          // The kernel is shown the front entries; some of what it wrote is then taken back, as if
          // the call had been short.
          int shown = 1 + random.nextInt(iovecs.count());
          long n = file.tryWriteVector(state, iovecs.address(), shown, done);
          long taken = n == 0 ? 0 : 1 + random.nextInt((int) n);
          iovecs.advance(taken);
          done += taken;
        }
        byte[] got = new byte[expected.length];
        System.arraycopy(Files.readAllBytes(path), 0, got, 0, got.length);
        assertArrayEquals(expected, got, "round " + round);
      }
    }
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = new byte[a.length + b.length];
    System.arraycopy(a, 0, both, 0, a.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  @Test
  void advanceWalksOverWholeEntriesAndIntoOne() {
    long start = iovecs.address();
    add(0, 10);
    add(100, 0);
    add(200, 20);
    iovecs.advance(0);
    assertEquals(3, iovecs.count());
    iovecs.advance(9);
    assertEquals(3, iovecs.count());
    assertEquals(21, iovecs.byteCount());
    iovecs.advance(1);
    assertEquals(1, iovecs.count(), "an empty entry is no reason to stop");
    assertEquals(start + 2 * IovecArray.IOVEC_SIZE, iovecs.address());
    iovecs.advance(20);
    assertEquals(0, iovecs.count());
    assertEquals(0, iovecs.byteCount());
  }

  @Test
  void aWindowHoldsThePartOfAnotherArray() {
    Random random = new Random(5);
    try (IovecArray window = new IovecArray(16);
        Arena arena = Arena.ofConfined()) {
      for (int round = 0; round < 500; round++) {
        iovecs.clear();
        byte[] all = new byte[0];
        for (int i = random.nextInt(8); i >= 0; i--) {
          byte[] bytes = new byte[random.nextInt(100)];
          random.nextBytes(bytes);
          memory.write(i * (long) PAGE, bytes);
          add(i * (long) PAGE, bytes.length);
          all = concat(all, bytes);
        }
        int skip = random.nextInt(all.length + 1);
        int length = random.nextInt(all.length - skip + 1);
        window.clear();
        assertEquals(length, window.addFrom(iovecs, skip, length));
        assertEquals(length, window.byteCount());
        assertEquals(all.length, iovecs.byteCount());
        MemorySegment copy = arena.allocate(1 + length);
        assertEquals(length, window.copyTo(copy, 1, length));
        assertArrayEquals(
            Arrays.copyOfRange(all, skip, skip + length),
            copy.asSlice(1).toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @Test
  void aWindowThatIsFullSaysHowMuchItHolds() {
    add(0, 10);
    add(100, 10);
    add(200, 10);
    try (IovecArray window = new IovecArray(2)) {
      assertEquals(15, window.addFrom(iovecs, 5, 20));
      assertEquals(0, window.addFrom(iovecs, 20, 5));
      assertThrows(IllegalArgumentException.class, () -> window.addFrom(iovecs, 25, 6));
      assertThrows(IllegalArgumentException.class, () -> window.addFrom(iovecs, -1, 6));
    }
  }

  @Test
  void copiesStopAtTheShorterOfTheTwo() {
    add(0, 3);
    add(100, 3);
    byte[] text = {1, 2, 3, 4, 5, 6, 7, 8};
    assertEquals(6, iovecs.copyFrom(MemorySegment.ofArray(text), 1, 7));
    byte[] got = new byte[6];
    memory.read(0, got, 0, 3);
    memory.read(100, got, 3, 3);
    assertArrayEquals(new byte[] {2, 3, 4, 5, 6, 7}, got);
    byte[] back = new byte[4];
    assertEquals(4, iovecs.copyTo(MemorySegment.ofArray(back), 0, 4));
    assertArrayEquals(new byte[] {2, 3, 4, 5}, back);
  }

  @Test
  void advanceBeyondTheEndIsOurBug() {
    add(0, 10);
    assertThrows(IllegalArgumentException.class, () -> iovecs.advance(11));
    assertThrows(IllegalArgumentException.class, () -> iovecs.advance(-1));
    assertEquals(10, iovecs.byteCount());
  }

  @Test
  void aFullArrayTakesNoMoreUntilItIsCleared() {
    for (int i = 0; i < 8; i++) {
      add(i, 1);
    }
    assertFalse(iovecs.add(memory.check(8, 1), 1));
    assertEquals(8, iovecs.count());
    assertEquals(8, iovecs.byteCount());
    iovecs.clear();
    assertEquals(0, iovecs.count());
    add(0, 1);
    assertEquals(1, iovecs.byteCount());
  }

  @Test
  void capacitiesAreTheKernels() {
    assertThrows(IllegalArgumentException.class, () -> new IovecArray(0));
    assertThrows(IllegalArgumentException.class, () -> new IovecArray(1025));
    IovecArray largest = new IovecArray(IovecArray.IOV_MAX);
    largest.close();
    largest.close();
  }

  @Test
  void alignmentIsThatOfEveryEntryThatIsLeft() {
    add(16, 512);
    add(PAGE, 2 * PAGE);
    assertTrue(iovecs.isAligned(16, 512));
    assertFalse(iovecs.isAligned(32, 512));
    assertFalse(iovecs.isAligned(16, 1024));
    iovecs.advance(512);
    assertTrue(iovecs.isAligned(PAGE, PAGE));
    iovecs.advance(1);
    assertFalse(iovecs.isAligned(2, 1));
    assertFalse(iovecs.isAligned(1, 2));
    assertTrue(iovecs.isAligned(1, 1));
  }

  @Test
  void zeroesAreWrittenOverTheFirstBytes() {
    memory.write(0, new byte[] {1, 2, 3, 4, 5, 6}, 0, 6);
    add(0, 2);
    add(3, 3);
    iovecs.fillZero(3);
    assertEquals(2, iovecs.byteCount());
    assertThrows(IllegalArgumentException.class, () -> iovecs.fillZero(3));
    byte[] got = new byte[4];
    memory.read(0, got, 0, 4);
    assertArrayEquals(new byte[] {0, 0, 3, 0}, got);
  }

  @Test
  void whatWasTakenOffTheFrontMakesRoomAgainOnceItIsCompacted() {
    for (int i = 0; i < 8; i++) {
      add(PAGE * (long) i, 10 + i);
    }
    assertEquals(0, iovecs.spare());
    iovecs.advance(10 + 11 + 5);
    assertEquals(0, iovecs.spare());
    iovecs.compact();
    assertEquals(2, iovecs.spare());
    assertEquals(6, iovecs.count());
    assertEquals(12 - 5 + 13 + 14 + 15 + 16 + 17, iovecs.byteCount());
    memory.write(2 * PAGE + 5, new byte[] {42});
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocate(1);
      iovecs.copyTo(first, 0, 1);
      assertEquals(42, first.get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  void theLastEntryIsTakenOffAgain() {
    add(0, 10);
    add(PAGE, 20);
    iovecs.removeLast();
    assertEquals(1, iovecs.count());
    assertEquals(10, iovecs.byteCount());
    iovecs.removeLast();
    assertThrows(IllegalStateException.class, iovecs::removeLast);
  }
}
