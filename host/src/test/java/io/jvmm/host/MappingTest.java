package io.jvmm.host;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MappingTest {
  private static final int PAGE = Mapping.PAGE_SIZE;

  private static boolean isMapped(long address) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      String[] range = line.substring(0, line.indexOf(' ')).split("-", 2);
      if (Long.compareUnsigned(address, Long.parseUnsignedLong(range[0], 16)) >= 0
          && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0) {
        return true;
      }
    }
    return false;
  }

  @Test
  void anAnonymousOneIsZeroAndWritable() {
    try (Mapping mapping = Mapping.anonymous("ram", 3L * PAGE)) {
      assertEquals(0, mapping.segment().get(JAVA_BYTE, 2L * PAGE));
      mapping.segment().set(JAVA_BYTE, 3L * PAGE - 1, (byte) 7);
      assertEquals(7, mapping.segment().get(JAVA_BYTE, 3L * PAGE - 1));
      assertThrows(
          IndexOutOfBoundsException.class, () -> mapping.segment().get(JAVA_BYTE, 3L * PAGE));
      assertEquals(0, mapping.address() % PAGE);
      assertEquals("ram (12288 bytes)", mapping.toString());
    }
  }

  @Test
  void aHugeOneCostsNothingUntilItIsTouched() {
    try (Mapping mapping = Mapping.anonymous("ram", 1L << 40)) {
      mapping.segment().set(JAVA_BYTE, (1L << 40) - 1, (byte) 1);
    }
  }

  @Test
  void afterTheCloseTheSegmentIsDeadAndTheRangeFree() throws IOException {
    Mapping mapping = Mapping.anonymous("ram", PAGE);
    long address = mapping.address();
    assertTrue(isMapped(address));
    mapping.close();
    assertFalse(isMapped(address));
    assertThrows(IllegalStateException.class, () -> mapping.segment().get(JAVA_BYTE, 0));
    mapping.close();
  }

  @Test
  void sharedOnesSeeEachOther() {
    try (Fd file = MemFd.create("shared", 2L * PAGE);
        Mapping all = Mapping.shared("all", file, 0, 2L * PAGE);
        Mapping second = Mapping.shared("second page", file, PAGE, PAGE)) {
      all.segment().set(JAVA_BYTE, PAGE + 5, (byte) 9);
      assertEquals(9, second.segment().get(JAVA_BYTE, 5));
    }
  }

  @Test
  void aReadOnlyOneIsTheFileAndZeroesBehindIt() {
    try (Fd file = MemFd.create("image", PAGE + 5);
        Mapping writer = Mapping.shared("writer", file, 0, PAGE + 5)) {
      writer.segment().set(JAVA_BYTE, PAGE + 4, (byte) 9);
      try (Mapping mapping = Mapping.readOnly("image", file, PAGE + 5, 4L * PAGE)) {
        assertEquals(9, mapping.segment().get(JAVA_BYTE, PAGE + 4));
        assertEquals(0, mapping.segment().get(JAVA_BYTE, PAGE + 5));
        assertEquals(0, mapping.segment().get(JAVA_BYTE, 4L * PAGE - 1));
        writer.segment().set(JAVA_BYTE, 0, (byte) 7);
        assertEquals(7, mapping.segment().get(JAVA_BYTE, 0)); // the same page
      }
    }
  }

  @Test
  void aMappingOutlivesTheDescriptor() {
    Fd file = MemFd.create("shared", PAGE);
    try (Mapping mapping = Mapping.shared("mapping", file, 0, PAGE)) {
      file.close();
      mapping.segment().set(JAVA_BYTE, 0, (byte) 1);
    }
  }

  @Test
  void theHostsRefusalNamesLengthAndRole() {
    SyscallException e =
        assertThrows(SyscallException.class, () -> Mapping.anonymous("ram", 1L << 62));
    assertEquals("mmap(4611686018427387904 bytes) on ram: ENOMEM (12)", e.getMessage());
    assertThrows(SyscallException.class, () -> Mapping.anonymous("ram", 0));
  }

  @Test
  void anOverlayShowsTheFileAndKeepsWritesToItself() {
    try (Fd file = MemFd.create("kernel", 2L * PAGE);
        Mapping content = Mapping.shared("content", file, 0, 2L * PAGE);
        Mapping ram = Mapping.anonymous("ram", 4L * PAGE)) {
      content.segment().fill((byte) 3);
      ram.segment().fill((byte) 1);
      ram.overlayPrivate(PAGE, file, PAGE, PAGE);
      assertEquals(1, ram.segment().get(JAVA_BYTE, PAGE - 1));
      assertEquals(3, ram.segment().get(JAVA_BYTE, PAGE));
      assertEquals(3, ram.segment().get(JAVA_BYTE, 2L * PAGE - 1));
      assertEquals(1, ram.segment().get(JAVA_BYTE, 2L * PAGE));
      ram.segment().set(JAVA_BYTE, PAGE, (byte) 8);
      assertEquals(3, content.segment().get(JAVA_BYTE, PAGE));
    }
  }

  @Test
  void anOverlayMustBeAlignedAndInside() {
    try (Fd file = MemFd.create("kernel", 2L * PAGE);
        Mapping ram = Mapping.anonymous("ram", 2L * PAGE)) {
      long[][] bad = {
        {1, 0, PAGE},
        {0, 1, PAGE},
        {0, 0, PAGE - 1},
        {0, 0, 0},
        {-PAGE, 0, PAGE},
        {2L * PAGE, 0, PAGE},
        {PAGE, 0, 2L * PAGE},
        {0, 0, 3L * PAGE},
        {Long.MAX_VALUE - PAGE + 1, 0, PAGE},
        {PAGE, 0, Long.MAX_VALUE - PAGE + 1},
        {0, 0, Long.MIN_VALUE},
      };
      for (long[] numbers : bad) {
        assertThrows(
            IllegalArgumentException.class,
            () -> ram.overlayPrivate(numbers[0], file, numbers[1], numbers[2]),
            numbers[0] + " " + numbers[1] + " " + numbers[2]);
      }
      ram.overlayPrivate(0, file, 0, 2L * PAGE);
    }
  }

  @Test
  void aMemFdHasItsNameAndSize() throws IOException {
    try (Fd file = MemFd.create("jvmm-guest-ram", 5000);
        Mapping mapping = Mapping.shared("ram", file, 0, 5000)) {
      assertEquals(5000, mapping.length());
      assertTrue(Files.readString(Path.of("/proc/self/maps")).contains("/memfd:jvmm-guest-ram"));
    }
    SyscallException e = assertThrows(SyscallException.class, () -> MemFd.create("negative", -1));
    assertEquals("ftruncate(-1) on negative: EINVAL (22)", e.getMessage());
  }
}
