package io.jvmm.boot.elf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.boot.BootException;
import io.jvmm.boot.EntryProtocol;
import io.jvmm.boot.KernelEntry;
import io.jvmm.boot.KernelImage;
import io.jvmm.boot.MachineLayout;
import io.jvmm.boot.Refusal;
import io.jvmm.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElfKernelTest {
  private static final int PHYS32_ENTRY = 18;
  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  @Test
  void aLinuxIsEnteredAtItsEntryPointInLongMode() {
    try (KernelImage kernel = KernelImage.open(TestElf.minimal().write(directory))) {
      KernelEntry entry = kernel.entry(EntryProtocol.AUTO);

      assertEquals(KernelEntry.Protocol.LINUX_64, entry.protocol());
      assertEquals(0x10_0000, entry.rip());
    }
  }

  @Test
  void segmentsGoToTheirPhysicalAddressesAndTheRestStaysZero() {
    TestElf elf =
        new TestElf(0x3000)
            .load(0x1000, 0x10_0000, 0x1000, 0x1000)
            .load(0x2010, 0x10_5010, 0x800, 0x1800)
            .fill(0x1000, 0x2000, 0x11)
            .fill(0x2010, 0x3000, 0x22);
    for (boolean mayMap : new boolean[] {false, true}) {
      try (KernelImage kernel = KernelImage.open(elf.write(directory));
          GuestMemory memory = memory(2 * MIB)) {
        kernel.load(memory, 2 * MIB, mayMap);

        assertAll(memory, 0x10_0000, 0x1000, 0x11);
        assertAll(memory, 0x10_1000, 0x4010, 0);
        assertAll(memory, 0x10_5010, 0x800, 0x22);
        assertAll(memory, 0x10_5810, 0x1000, 0);
        assertEquals(0x10_6810, kernel.end());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theBssBehindTheFilesLastBytesIsZeroInTheSamePage(boolean mayMap) {
    TestElf elf =
        new TestElf(0x4000).load(0x1000, 0x10_0000, 0x1234, 0x3000).fill(0x1000, 0x4000, 0x5A);
    try (KernelImage kernel = KernelImage.open(elf.write(directory));
        GuestMemory memory = memory(2 * MIB)) {
      kernel.load(memory, 2 * MIB, mayMap);

      assertAll(memory, 0x10_0000, 0x1234, 0x5A);
      assertAll(memory, 0x10_1234, 0x1DCC, 0);
    }
  }

  @Test
  void aMappedKernelCanBeWrittenByTheGuestAndTheFileStaysAsItIs() throws Exception {
    String path = TestElf.minimal().fill(0x1000, 0x2000, 0x33).write(directory);
    byte[] before = Files.readAllBytes(Path.of(path));
    try (KernelImage kernel = KernelImage.open(path);
        GuestMemory memory = memory(2 * MIB)) {
      kernel.load(memory, 2 * MIB, true);
      memory.setLong(0x10_0000, -1);

      assertArrayEquals(before, Files.readAllBytes(Path.of(path)));
    }
  }

  @Test
  void aKernelThatFillsRamToItsLastByteIsLoaded() {
    long ram = 2L * MIB;
    TestElf elf = new TestElf(0x2000).load(0x1000, 0x10_0000, 0x1000, ram - 0x10_0000);
    try (KernelImage kernel = KernelImage.open(elf.write(directory));
        GuestMemory memory = memory(2 * MIB)) {
      kernel.load(memory, ram, false);

      assertEquals(ram, kernel.end());
    }
  }

  @Test
  void aKernelThatNeedsOneByteMoreThanThereIsIsRefused() {
    long ram = 2L * MIB;
    TestElf elf = new TestElf(0x2000).load(0x1000, 0x10_0000, 0x1000, ram - 0x10_0000 + 1);
    try (KernelImage kernel = KernelImage.open(elf.write(directory));
        GuestMemory memory = memory(2 * MIB)) {
      Refusal.assertRefused(
          "needs RAM up to 2097153 bytes, the guest has 2097152",
          () -> kernel.load(memory, ram, false));
    }
  }

  @Test
  void aPvhNoteNamesTheEntryIn32BitMode() {
    byte[] notes = TestElf.note("Xen", PHYS32_ENTRY, TestElf.le64(0x10_0040));
    assertPvh(0x10_0040, notes);
  }

  @Test
  void aPvhNoteOfFourBytesIsTakenToo() {
    byte[] notes = TestElf.note("Xen", PHYS32_ENTRY, new byte[] {0x44, 0, 0x10, 0});
    assertPvh(0x10_0044, notes);
  }

  @Test
  void thePvhNoteIsFoundBehindOthers() {
    byte[] notes =
        concat(
            TestElf.note("GNU", PHYS32_ENTRY, TestElf.le64(0x10_0001)),
            TestElf.note("Linux", 0, new byte[] {1, 2, 3}),
            TestElf.note("Xen", 17, TestElf.le64(0x10_0002)),
            TestElf.note("Xen", PHYS32_ENTRY, TestElf.le64(0x10_0048)));
    assertPvh(0x10_0048, notes);
  }

  private void assertPvh(long expected, byte[] notes) {
    TestElf elf = TestElf.minimal().notes(0x800, notes);
    try (KernelImage kernel = KernelImage.open(elf.write(directory))) {
      KernelEntry entry = kernel.entry(EntryProtocol.PVH);

      assertEquals(KernelEntry.Protocol.PVH, entry.protocol());
      assertEquals(expected, entry.rip());
      assertEquals(MachineLayout.START_INFO, entry.rbx());
      assertEquals(KernelEntry.Protocol.LINUX_64, kernel.entry(EntryProtocol.AUTO).protocol());
    }
  }

  @Test
  void anElfFileWhoseEntryIsNoPhysicalAddressIsEnteredByPvh() {
    byte[] notes = TestElf.note("Xen", PHYS32_ENTRY, TestElf.le64(0x10_0040));
    TestElf elf = TestElf.minimal().entry(0xFFFF_FFFF_8010_0000L).notes(0x800, notes);
    try (KernelImage kernel = KernelImage.open(elf.write(directory))) {
      assertEquals(KernelEntry.Protocol.PVH, kernel.entry(EntryProtocol.AUTO).protocol());
      assertRefused(kernel, EntryProtocol.LINUX_64, "its entry point 0xffffffff80100000 is not in");
    }
  }

  @Test
  void aWayThatTheKernelDoesNotHaveIsRefused() {
    try (KernelImage kernel = KernelImage.open(TestElf.minimal().write(directory))) {
      assertRefused(kernel, EntryProtocol.PVH, "has no PVH entry (a Xen note of type 18)");
    }
    try (KernelImage kernel =
        KernelImage.open(TestElf.minimal().entry(0x11_0000).write(directory))) {
      assertRefused(kernel, EntryProtocol.AUTO, "and its entry point 0x110000 is not in a segment");
    }
  }

  @Test
  void aPvhEntryOutsideAllSegmentsIsRefused() {
    byte[] notes = TestElf.note("Xen", PHYS32_ENTRY, TestElf.le64(0x1_0010_0000L));
    try (KernelImage kernel =
        KernelImage.open(TestElf.minimal().notes(0x800, notes).write(directory))) {
      assertRefused(kernel, EntryProtocol.PVH, "its PVH entry 0x100100000 is not in a segment");
    }
  }

  @Test
  void notesOfMoreBytesThanAreReadAreRefused() {
    TestElf atLimit =
        new TestElf(0x2_0000)
            .load(0x1000, 0x10_0000, 0x1000, 0x1000)
            .notes(0x2000, PvhNote.NOTES_SIZE_MAX);
    try (KernelImage kernel = KernelImage.open(atLimit.write(directory))) {
      assertRefused(kernel, EntryProtocol.PVH, "has no PVH entry");
    }
    TestElf above =
        new TestElf(0x2_0000)
            .load(0x1000, 0x10_0000, 0x1000, 0x1000)
            .notes(0x2000, PvhNote.NOTES_SIZE_MAX + 1);
    try (KernelImage kernel = KernelImage.open(above.write(directory))) {
      assertRefused(kernel, EntryProtocol.PVH, "has 65537 bytes of ELF notes; at most 65536");
    }
    TestElf outside = TestElf.minimal().notes(0x1FFF, 2);
    try (KernelImage kernel = KernelImage.open(outside.write(directory))) {
      assertRefused(kernel, EntryProtocol.PVH, "ends within its ELF notes");
    }
  }

  private static void assertRefused(KernelImage kernel, EntryProtocol wanted, String text) {
    Refusal.assertRefused(text, () -> kernel.entry(wanted));
  }

  static Stream<Arguments> malformed() {
    long top = MachineLayout.HOLE_START;
    return Stream.of(
        header("has no more than its magic", "ends within its ELF header", b -> cut(b, 4)),
        header("ends in its header", "ends within its ELF header", b -> cut(b, 63)),
        header("is 32-bit", "is a 32-bit ELF file", b -> b.put(4, (byte) 1)),
        header("is big-endian", "is a big-endian ELF file", b -> b.put(5, (byte) 2)),
        header("is for arm64", "is for arm64; this machine is x86-64", b -> machine(b, 183)),
        header("is for i386", "is for i386; this machine is x86-64", b -> machine(b, 3)),
        header("is for nobody", "is for ELF machine 4711", b -> machine(b, 4711)),
        header(
            "is an object file", "of type 1, which is no program", b -> b.putShort(16, (short) 1)),
        header("is a core dump", "of type 4, which is no program", b -> b.putShort(16, (short) 4)),
        header("has no segments", "has no ELF program headers", b -> b.putShort(56, (short) 0)),
        header(
            "has 65 segments",
            "has 65 ELF program headers; at most 64",
            b -> b.putShort(56, (short) 65)),
        header("has small segments", "of 32 bytes instead of 56", b -> b.putShort(54, (short) 32)),
        header(
            "has its segments at -1",
            "ends within its ELF program headers",
            b -> b.putLong(32, -1)),
        header(
            "has its segments at 2^63-1",
            "ends within its ELF program headers",
            b -> b.putLong(32, Long.MAX_VALUE)),
        header(
            "has its segments one byte too far",
            "ends within its ELF program headers",
            b -> b.putLong(32, 0x2000 - 55)),
        segment(
            "is cut in its segment",
            "is truncated: a segment needs 4096 bytes at 4097, the file has 8192",
            0x1001,
            0x10_0000,
            0x1000,
            0x1000),
        segment("has a segment behind its end", "is truncated", 0x2001, 0x10_0000, 0, 0x1000),
        segment(
            "has a segment at -1",
            "is truncated: a segment needs 1 bytes at 18446744073709551615",
            -1,
            0x10_0000,
            1,
            1),
        segment("has a segment of -1 bytes", "is truncated", 0x1000, 0x10_0000, -1, -1),
        segment(
            "has a segment whose end wraps",
            "is truncated",
            0x1000,
            0x10_0000,
            Long.MAX_VALUE,
            Long.MAX_VALUE),
        segment(
            "is larger in the file", "larger in the file than in memory", 0x1000, 0x10_0000, 2, 1),
        segment(
            "lies below 1 MiB",
            "has an ELF segment at 0xfffff, where the boot structures are",
            0x1000,
            0xF_FFFF,
            1,
            1),
        segment("lies at 0", "where the boot structures are", 0x1000, 0, 1, 1),
        segment("lies at the hole", "that ends above 3.25 GiB", 0x1000, top, 0, 1),
        segment(
            "lies at a kernel's virtual address",
            "that ends above 3.25 GiB",
            0x1000,
            0xFFFF_FFFF_8100_0000L,
            1,
            1),
        segment(
            "reaches one byte into the hole",
            "that ends above 3.25 GiB",
            0x1000,
            top - 0x1000,
            0,
            0x1001),
        segment("has a bss without end", "that ends above 3.25 GiB", 0x1000, 0x10_0000, 0, -1),
        segment("has nothing to load", "has no ELF segment to load", 0x1000, 0x10_0000, 0, 0),
        Arguments.of(
            "has two segments that overlap by a byte",
            "overlap, at 0x100fff",
            TestElf.minimal().load(0x1000, 0x10_0FFF, 1, 1).bytes()),
        Arguments.of(
            "has two segments, the second around the first",
            "overlap, at 0x100000",
            new TestElf(0x2000).load(0, 0x10_1000, 1, 1).load(0, 0x10_0000, 0, 0x3000).bytes()));
  }

  private static Arguments header(String name, String text, Consumer<ByteBuffer> change) {
    ByteBuffer bytes = ByteBuffer.wrap(TestElf.minimal().bytes()).order(ByteOrder.LITTLE_ENDIAN);
    change.accept(bytes);
    return Arguments.of(name, text, Arrays.copyOf(bytes.array(), bytes.limit()));
  }

  private static Arguments segment(
      String name, String text, long offset, long gpa, long file, long memory) {
    return Arguments.of(name, text, new TestElf(0x2000).load(offset, gpa, file, memory).bytes());
  }

  private static void cut(ByteBuffer bytes, int length) {
    bytes.limit(length);
  }

  private static void machine(ByteBuffer bytes, int machine) {
    bytes.putShort(18, (short) machine);
  }

  @ParameterizedTest(name = "a kernel that {0}")
  @MethodSource("malformed")
  void aMalformedElfIsRefusedWithOneLine(String name, String text, byte[] bytes) {
    String path = TestElf.write(directory, bytes);
    String message = Refusal.message(() -> KernelImage.open(path));

    assertTrue(message.startsWith("kernel " + path + ": "), message);
    assertTrue(message.contains(text), message);
  }

  @Test
  void whatIsJustWithinEachLimitIsTaken() {
    long top = MachineLayout.HOLE_START;
    open(new TestElf(0x2000).load(0x1000, 0x10_0000, 0x1000, 0x1000));
    open(new TestElf(0x2000).load(0x2000, 0x10_0000, 0, 0x1000));
    open(new TestElf(0x2000).load(0x1000, top - 0x1000, 0x1000, 0x1000));
    open(new TestElf(0x2000).load(0x1000, 0x10_0000, 0, top - 0x10_0000));
    TestElf many = new TestElf(0x2000);
    for (int i = 0; i < ElfHeader.PROGRAM_HEADERS_MAX; i++) {
      many.load(0x1000, 0x10_0000 + i * 0x1000L, 0x1000, 0x1000);
    }
    open(many);
  }

  private void open(TestElf elf) {
    KernelImage.open(elf.write(directory)).close();
  }

  /** Whatever the bytes: a kernel that loads inside RAM, or a {@link BootException}. */
  @Test
  void randomChangesOfAKernelNeverDoWorseThanABootException() {
    Random random = new Random(0x1234_5678);
    byte[] good =
        TestElf.minimal()
            .load(0x1800, 0x18_0000, 0x800, 0x4000)
            .notes(0x800, TestElf.note("Xen", PHYS32_ENTRY, TestElf.le64(0x10_0040)))
            .bytes();
    int loaded = 0;
    try (GuestMemory memory = memory(2 * MIB)) {
      for (int round = 0; round < 2000; round++) {
        byte[] bytes = good.clone();
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
          int at = random.nextBoolean() ? random.nextInt(64 + 3 * 56) : 0x800 + random.nextInt(28);
          bytes[at] = random.nextInt(4) == 0 ? (byte) 0xFF : (byte) random.nextInt();
        }
        if (random.nextInt(8) == 0) {
          bytes = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
        }
        loaded += tryToLoad(TestElf.write(directory, bytes), memory);
      }
    }
    assertTrue(loaded > 50 && loaded < 1900, "loaded " + loaded);
  }

  private static int tryToLoad(String path, GuestMemory memory) {
    try (KernelImage kernel = KernelImage.open(path)) {
      kernel.load(memory, memory.length(), false);
      KernelEntry entry = kernel.entry(EntryProtocol.PVH);
      assertTrue(entry.rip() >= MachineLayout.KERNEL_MIN && entry.rip() < kernel.end());
      assertTrue(kernel.end() <= memory.length());
      return 1;
    } catch (BootException e) {
      return 0;
    }
  }

  private static GuestMemory memory(long length) {
    return GuestMemory.allocate(
        length, MachineLayout.HOLE_START, MachineLayout.HOLE_END, GuestMemory.Backing.ANONYMOUS);
  }

  private static void assertAll(GuestMemory memory, long gpa, int length, int value) {
    byte[] actual = new byte[length];
    memory.read(gpa, actual, 0, length);
    byte[] expected = new byte[length];
    Arrays.fill(expected, (byte) value);
    assertArrayEquals(expected, actual);
  }

  private static byte[] concat(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
