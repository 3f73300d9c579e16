package io.jvmm.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Mapping;
import io.jvmm.host.MemFd;
import io.jvmm.memory.GuestMemory.Backing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuestMemoryTest {
  private static final long PAGE = Mapping.PAGE_SIZE;
  private static final long HOLE_START = 16 * PAGE;
  private static final long HOLE_END = 32 * PAGE;

  private final GuestMemory memory =
      GuestMemory.allocate(20 * PAGE, HOLE_START, HOLE_END, Backing.ANONYMOUS);

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void whatIsReleasedIsZeroAndItsNeighboursStay() {
    whatIsReleasedIsZero(Backing.ANONYMOUS);
    whatIsReleasedIsZero(Backing.MEMFD);
  }

  private static void whatIsReleasedIsZero(Backing backing) {
    CallState state = CallState.current();
    try (GuestMemory memory = GuestMemory.allocate(5 * 4096, 3 * 4096, 1 << 20, backing)) {
      memory.fill(0, 3 * 4096, (byte) 7);
      memory.fill(1 << 20, 2 * 4096, (byte) 7);
      assertEquals(0, memory.tryRelease(state, 4096, 4096));
      assertEquals(0, memory.tryRelease(state, (1 << 20) + 4096, 4096));
      assertEquals(7, memory.getByte(4095));
      assertEquals(0, memory.getByte(4096));
      assertEquals(7, memory.getByte(8192));
      assertEquals(7, memory.getByte((1 << 20) + 4095));
      assertEquals(0, memory.getByte((1 << 20) + 4096));
    }
  }

  @Test
  void aHostileRangeIsNotReleased() {
    CallState state = CallState.current();
    try (GuestMemory memory =
        GuestMemory.allocate(5 * 4096, 3 * 4096, 1 << 20, Backing.ANONYMOUS)) {
      assertEquals(-Errno.EFAULT, memory.tryRelease(state, 3 * 4096, 4096));
      assertEquals(-Errno.EFAULT, memory.tryRelease(state, 2 * 4096, 2 * 4096));
      assertEquals(-Errno.EFAULT, memory.tryRelease(state, -4096, 4096));
      assertEquals(-Errno.EFAULT, memory.tryRelease(state, 4096, Long.MAX_VALUE & -4096));
      assertEquals(-Errno.EINVAL, memory.tryRelease(state, 4096, Long.MIN_VALUE));
      assertEquals(-Errno.EINVAL, memory.tryRelease(state, 4096, 0));
      assertEquals(-Errno.EINVAL, memory.tryRelease(state, 1, 4096));
      assertEquals(-Errno.EINVAL, memory.tryRelease(state, 0, 4097));
    }
  }

  @Test
  void aReleasedPageOfAFileIsTheFilesAgain() {
    CallState state = CallState.current();
    for (Backing backing : Backing.values()) {
      try (Fd file = MemFd.create("kernel", 4096);
          Mapping writer = Mapping.shared("kernel", file, 0, 4096);
          GuestMemory memory = GuestMemory.allocate(3 * 4096, 1 << 20, 1 << 20, backing)) {
        writer.segment().fill((byte) 9);
        memory.fill(0, 3 * 4096, (byte) 7);
        memory.overlayPrivate(4096, file, 0, 4096);
        memory.setByte(4096, (byte) 5);
        for (long gpa = 0; gpa < 3 * 4096; gpa += 4096) {
          assertEquals(0, memory.tryRelease(state, gpa, 4096));
        }
        assertEquals(0, memory.getByte(0));
        assertEquals(9, memory.getByte(4096));
        assertEquals(0, memory.getByte(8192));
      }
    }
  }

  @Test
  void ramThatDoesNotFitBelowTheHoleGoesOnAboveIt() {
    assertEquals(2, memory.regionCount());
    assertEquals(0, memory.region(0).gpa());
    assertEquals(HOLE_START, memory.region(0).end());
    assertEquals(HOLE_END, memory.region(1).gpa());
    assertEquals(HOLE_END + 4 * PAGE, memory.region(1).end());
    assertEquals(20 * PAGE, memory.length());
  }

  @Test
  void ramThatFitsIsOneRegion() {
    for (long pages : new long[] {1, 16}) {
      try (GuestMemory small =
          GuestMemory.allocate(pages * PAGE, HOLE_START, HOLE_END, Backing.ANONYMOUS)) {
        assertEquals(1, small.regionCount());
        assertEquals(pages * PAGE, small.length());
      }
    }
  }

  @Test
  void numbersThatMakeNoMachineAreRefused() {
    long[][] bad = {
      {0, HOLE_START, HOLE_END},
      {-PAGE, HOLE_START, HOLE_END},
      {PAGE + 1, HOLE_START, HOLE_END},
      {PAGE, 0, HOLE_END},
      {PAGE, HOLE_END, HOLE_START},
      {PAGE, HOLE_START + 1, HOLE_END},
      {PAGE, HOLE_START, HOLE_END + 1},
    };
    for (long[] b : bad) {
      assertThrows(
          IllegalArgumentException.class,
          () -> GuestMemory.allocate(b[0], b[1], b[2], Backing.ANONYMOUS));
    }
  }

  @Test
  void valuesAreLittleEndianAtAnyAlignment() {
    memory.setLong(3, 0x0807_0605_0403_0201L);
    for (int i = 0; i < 8; i++) {
      assertEquals(i + 1, memory.getByte(3 + i));
    }
    assertEquals(0x0201, memory.getShort(3));
    assertEquals(0x0605_0403, memory.getInt(5));
    assertEquals(0x0807_0605_0403_0201L, memory.getLong(3));
    memory.setByte(3, (byte) 0xFF);
    memory.setShort(4, (short) 0xFEFD);
    memory.setInt(6, 0xFCFB_FAF9);
    assertEquals(0x08_FCFB_FAF9_FEFD_FFL, memory.getLong(3));
  }

  @Test
  void theLastByteOfARegionIsTheLastThatCanBeTouched() {
    memory.setByte(HOLE_START - 1, (byte) 1);
    memory.setLong(HOLE_END + 4 * PAGE - 8, -1);
    assertThrows(GuestAddressException.class, () -> memory.getByte(HOLE_START));
    assertThrows(GuestAddressException.class, () -> memory.getShort(HOLE_START - 1));
    assertThrows(GuestAddressException.class, () -> memory.setInt(HOLE_START - 3, 0));
    assertThrows(GuestAddressException.class, () -> memory.setLong(HOLE_END - 4, 0));
    assertThrows(GuestAddressException.class, () -> memory.getLong(-8));
    assertEquals(0, memory.getByte(HOLE_END), "nothing was written on the way");
  }

  @Test
  void orderedAccessIsTheSameMemory() {
    memory.releaseShort(HOLE_END + 2, (short) 0x1234);
    assertEquals(0x1234, memory.acquireShort(HOLE_END + 2));
    assertEquals(0x34, memory.getByte(HOLE_END + 2));
    assertThrows(GuestAddressException.class, () -> memory.acquireShort(HOLE_START));
    assertThrows(GuestAddressException.class, () -> memory.releaseShort(-2, (short) 0));
    assertThrows(IllegalArgumentException.class, () -> memory.acquireShort(1), "odd");
  }

  @Test
  void copiesGoBothWays() {
    byte[] bytes = {1, 2, 3, 4, 5};
    memory.write(HOLE_END, bytes);
    memory.write(HOLE_END + 5, bytes, 3, 2);
    byte[] back = new byte[8];
    memory.read(HOLE_END, back, 1, 7);
    assertArrayEquals(new byte[] {0, 1, 2, 3, 4, 5, 4, 5}, back);
  }

  @Test
  void aCopyThatDoesNotFitCopiesNothing() {
    byte[] bytes = {1, 2, 3, 4};
    assertThrows(GuestAddressException.class, () -> memory.write(HOLE_START - 2, bytes));
    assertEquals(0, memory.getShort(HOLE_START - 2));
    assertThrows(GuestAddressException.class, () -> memory.read(HOLE_END - 1, bytes, 0, 4));
    assertThrows(GuestAddressException.class, () -> memory.read(0, bytes, 0, -1));
    assertThrows(IndexOutOfBoundsException.class, () -> memory.read(0, bytes, 2, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> memory.write(0, bytes, -1, 2));
  }

  @Test
  void aSliceIsAViewWithBounds() {
    MemorySegment slice = memory.slice(HOLE_END + PAGE, 16);
    slice.set(ValueLayout.JAVA_BYTE, 15, (byte) 9);
    assertEquals(9, memory.getByte(HOLE_END + PAGE + 15));
    assertThrows(IndexOutOfBoundsException.class, () -> slice.get(ValueLayout.JAVA_BYTE, 16));
    assertThrows(GuestAddressException.class, () -> memory.slice(HOLE_START - 8, 16));
    memory.fill(0, HOLE_START, (byte) 3);
    assertEquals(3, memory.getByte(HOLE_START - 1));
    assertThrows(GuestAddressException.class, () -> memory.fill(0, HOLE_START + 1, (byte) 3));
    memory.close();
    assertThrows(IllegalStateException.class, () -> slice.get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void anOverlayIsTheFileUntilTheGuestWrites() {
    try (Fd file = MemFd.create("kernel", 3 * PAGE);
        Mapping content = Mapping.shared("content", file, 0, 3 * PAGE)) {
      content.segment().asSlice(PAGE, PAGE).fill((byte) 7);
      memory.overlayPrivate(HOLE_END + PAGE, file, PAGE, 2 * PAGE);
      assertEquals(0, memory.getByte(HOLE_END + PAGE - 1));
      assertEquals(7, memory.getByte(HOLE_END + PAGE));
      assertEquals(0, memory.getByte(HOLE_END + 2 * PAGE));
      memory.setByte(HOLE_END + PAGE, (byte) 8);
      assertEquals(7, content.segment().get(ValueLayout.JAVA_BYTE, PAGE));
      memory.overlayPrivate(0, file, 0, PAGE);
      assertThrows(
          GuestAddressException.class,
          () -> memory.overlayPrivate(HOLE_START - PAGE, file, 0, 2 * PAGE));
      assertThrows(
          GuestAddressException.class, () -> memory.overlayPrivate(HOLE_START, file, 0, PAGE));
      assertThrows(IllegalArgumentException.class, () -> memory.overlayPrivate(8, file, 0, PAGE));
    }
  }

  @Test
  void memoryOfAFileBehavesAlike() {
    try (GuestMemory shared =
        GuestMemory.allocate(20 * PAGE, HOLE_START, HOLE_END, Backing.MEMFD)) {
      shared.setInt(HOLE_END, 42);
      assertEquals(42, shared.getInt(HOLE_END));
      assertEquals(0, shared.getInt(0));
    }
  }

  @Test
  void closingTwiceIsNoError() {
    memory.close();
    memory.close();
  }
}
