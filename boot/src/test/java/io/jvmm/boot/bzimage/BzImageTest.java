package io.jvmm.boot.bzimage;

import static io.jvmm.boot.bzimage.TestBzImage.ADDRESS;
import static io.jvmm.boot.bzimage.TestBzImage.INIT_SIZE;
import static io.jvmm.boot.bzimage.TestBzImage.KERNEL_OFFSET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.boot.BootException;
import io.jvmm.boot.EntryProtocol;
import io.jvmm.boot.KernelEntry;
import io.jvmm.boot.KernelImage;
import io.jvmm.boot.MachineLayout;
import io.jvmm.boot.Refusal;
import io.jvmm.boot.elf.TestElf;
import io.jvmm.boot.tables.ZeroPage;
import io.jvmm.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

class BzImageTest {
  private static final int KERNEL_SIZE = 0x1000;
  private static final long RAM = 32 << 20;

  @TempDir Path directory;

  @Test
  void itIsEntered512BytesBehindItsBeginningInLongMode() {
    try (KernelImage kernel = open(TestBzImage.of(KERNEL_SIZE))) {
      KernelEntry entry = kernel.entry(EntryProtocol.AUTO);

      assertEquals(KernelEntry.Protocol.LINUX_64, entry.protocol());
      assertEquals(ADDRESS + 0x200, entry.rip());
    }
  }

  @Test
  void onlyItsKernelIsReadToWhereItPrefersToLie() {
    try (KernelImage kernel = open(TestBzImage.of(KERNEL_SIZE));
        GuestMemory memory = memory()) {
      kernel.load(memory, RAM, true);

      assertEquals(0, memory.getByte(ADDRESS - 1));
      assertEquals(0x11, memory.getByte(ADDRESS));
      assertEquals(0x11, memory.getByte(ADDRESS + KERNEL_SIZE - 1));
      assertEquals(0, memory.getByte(ADDRESS + KERNEL_SIZE));
      assertEquals(ADDRESS + INIT_SIZE, kernel.end());
    }
  }

  @Test
  void bytesBehindTheKernelAreNotRead() {
    byte[] signed =
        Arrays.copyOf(TestBzImage.bytes(TestBzImage.of(KERNEL_SIZE)), KERNEL_OFFSET + 0x2000);
    signed[KERNEL_OFFSET + KERNEL_SIZE] = 0x77;
    try (KernelImage kernel = KernelImage.open(TestElf.write(directory, signed));
        GuestMemory memory = memory()) {
      kernel.load(memory, RAM, false);

      assertEquals(0, memory.getByte(ADDRESS + KERNEL_SIZE));
    }
  }

  @Test
  void aKernelWhoseLastSixteenBytesAreNotAllThereIsTaken() {
    byte[] whole = TestBzImage.bytes(TestBzImage.of(KERNEL_SIZE));
    try (KernelImage kernel =
            KernelImage.open(TestElf.write(directory, Arrays.copyOf(whole, whole.length - 15)));
        GuestMemory memory = memory()) {
      kernel.load(memory, RAM, false);

      assertEquals(0x11, memory.getByte(ADDRESS + KERNEL_SIZE - 16));
      assertEquals(0, memory.getByte(ADDRESS + KERNEL_SIZE - 15));
    }
  }

  @Test
  void noSetupSectorsMeanFour() {
    try (KernelImage kernel = open(TestBzImage.of(KERNEL_SIZE).put(0x1F1, (byte) 0));
        GuestMemory memory = memory()) {
      kernel.load(memory, RAM, false);

      assertEquals(0x11, memory.getByte(ADDRESS));
    }
  }

  @Test
  void itsHeaderGoesIntoTheZeroPageWithALoaderNamed() {
    ByteBuffer file = TestBzImage.of(KERNEL_SIZE).putInt(0x268, 0x1234_5678).put(0x26C, (byte) 9);
    try (KernelImage kernel = open(file)) {
      ZeroPage page = new ZeroPage();
      kernel.describe(page);
      ByteBuffer bytes = ByteBuffer.wrap(page.bytes()).order(ByteOrder.LITTLE_ENDIAN);

      assertEquals(0x020F, bytes.getShort(0x206));
      assertEquals((byte) 0xFF, bytes.get(0x210));
      assertEquals(1, bytes.get(0x211));
      assertEquals(INIT_SIZE, bytes.getInt(0x260));
      assertEquals(0x1234_5678, bytes.getInt(0x268));
      assertEquals(0, bytes.get(0x26C), "code behind the header was copied");
      assertEquals(0, bytes.get(0x1EF), "the sentinel must be zero");
    }
  }

  @Test
  void aHeaderThatClaimsToBeLongEndsWhereThePageHasRoomForIt() {
    ByteBuffer file = TestBzImage.of(KERNEL_SIZE).put(0x201, (byte) 0xFF);
    for (int i = 0x28F; i < 0x310; i++) {
      file.put(i, (byte) 0x66);
    }
    try (KernelImage kernel = open(file)) {
      ZeroPage page = new ZeroPage();
      kernel.describe(page);

      assertEquals(0x66, page.bytes()[0x28F]);
      assertEquals(0, page.bytes()[0x290]);
    }
  }

  @Test
  void whatItSaysOfCommandLineAndInitrdIsBounded() {
    try (KernelImage kernel = open(TestBzImage.of(KERNEL_SIZE))) {
      assertEquals(2047, kernel.commandLineLengthMax());
      assertEquals(0x8000_0000L, kernel.initrdEndMax());
    }
    ByteBuffer boundless = TestBzImage.of(KERNEL_SIZE).putInt(0x238, -1).putInt(0x22C, -1);
    try (KernelImage kernel = open(boundless)) {
      assertEquals(MachineLayout.COMMAND_LINE_SIZE - 1, kernel.commandLineLengthMax());
      assertEquals(MachineLayout.HOLE_START, kernel.initrdEndMax());
    }
  }

  @Test
  void aGuestWithTheLastByteThatItUnpacksIntoIsEnough() {
    try (KernelImage kernel = open(TestBzImage.of(KERNEL_SIZE));
        GuestMemory memory = memory()) {
      kernel.load(memory, ADDRESS + INIT_SIZE, false);
      Refusal.assertRefused(
          "needs RAM up to 17825792 bytes to unpack itself, the guest has 17825791",
          () -> kernel.load(memory, ADDRESS + INIT_SIZE - 1, false));
    }
  }

  @Test
  void thereIsNoPvhEntry() {
    try (KernelImage kernel = open(TestBzImage.of(KERNEL_SIZE))) {
      Refusal.assertRefused("has no PVH entry", () -> kernel.entry(EntryProtocol.PVH));
    }
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        image("ends in its header", "ends within its setup header", b -> b.limit(0x267)),
        image("ends with its header", "of which 0 are there", b -> b.limit(0x268)),
        image(
            "has half of its kernel",
            "has 4096 bytes, of which 2048 are there",
            b -> b.limit(KERNEL_OFFSET + 0x800)),
        image("lacks 16 bytes", "of which 4080 are there", b -> b.limit(KERNEL_OFFSET + 0xFF0)),
        image("claims 64 GiB", "its kernel has 68719476720 bytes", b -> b.putInt(0x1F4, -1)),
        image("has no kernel", "its kernel has 0 bytes", b -> b.putInt(0x1F4, 0)),
        image("ends before its entry", "its kernel has 512 bytes", b -> b.putInt(0x1F4, 32)),
        image(
            "speaks protocol 2.11",
            "speaks boot protocol 2.11; 2.12",
            b -> b.putShort(0x206, (short) 0x20B)),
        image("is a zImage", "is a zImage", b -> b.put(0x211, (byte) 0)),
        image("is 32-bit", "has no 64-bit entry", b -> b.putShort(0x236, (short) 0x3E)),
        image("has a short header", "ends before its own fields", b -> b.put(0x201, (byte) 0x65)),
        image("wants to lie at 0", "prefers to lie at 0x0;", b -> b.putLong(0x258, 0)),
        image(
            "wants to lie just below 1 MiB",
            "prefers to lie at 0xfffff;",
            b -> b.putLong(0x258, 0xF_FFFF)),
        image(
            "wants to lie in the hole",
            "prefers to lie at 0xd0000000;",
            b -> b.putLong(0x258, 0xD000_0000L)),
        image(
            "wants to lie at -1",
            "prefers to lie at 0xffffffffffffffff;",
            b -> b.putLong(0x258, -1)));
  }

  private static Arguments image(String name, String text, Consumer<ByteBuffer> change) {
    ByteBuffer bytes = TestBzImage.of(KERNEL_SIZE);
    change.accept(bytes);
    return Arguments.of(name, text, TestBzImage.bytes(bytes));
  }

  @ParameterizedTest(name = "a bzImage that {0}")
  @MethodSource("malformed")
  void aMalformedBzImageIsRefusedWithOneLine(String name, String text, byte[] bytes) {
    String path = TestElf.write(directory, bytes);
    String message = Refusal.message(() -> KernelImage.open(path));

    assertTrue(message.startsWith("kernel " + path + ": "), message);
    assertTrue(message.contains(text), message);
  }

  /** Whatever the bytes: a kernel that loads inside RAM, or a {@link BootException}. */
  @Test
  void randomChangesOfAHeaderNeverDoWorseThanABootException() {
    Random random = new Random(0x8765_4321);
    byte[] good = TestBzImage.bytes(TestBzImage.of(KERNEL_SIZE));
    int loaded = 0;
    try (GuestMemory memory = memory()) {
      for (int round = 0; round < 2000; round++) {
        byte[] bytes = good.clone();
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
          int at = 0x1F1 + random.nextInt(0x26C - 0x1F1);
          bytes[at] = random.nextInt(4) == 0 ? (byte) 0xFF : (byte) random.nextInt();
        }
        if (random.nextInt(8) == 0) {
          bytes = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
        }
        loaded += tryToLoad(TestElf.write(directory, bytes), memory);
      }
    }
    assertTrue(loaded > 50 && loaded < 1950, "loaded " + loaded);
  }

  private static int tryToLoad(String path, GuestMemory memory) {
    try (KernelImage kernel = KernelImage.open(path)) {
      kernel.load(memory, memory.length(), false);
      kernel.describe(new ZeroPage());
      long rip = kernel.entry(EntryProtocol.AUTO).rip();
      assertTrue(rip >= MachineLayout.KERNEL_MIN && rip < kernel.end());
      assertTrue(kernel.end() <= memory.length());
      assertTrue(kernel.initrdEndMax() <= MachineLayout.HOLE_START);
      return 1;
    } catch (BootException e) {
      return 0;
    }
  }

  private KernelImage open(ByteBuffer bytes) {
    return KernelImage.open(TestElf.write(directory, TestBzImage.bytes(bytes)));
  }

  private static GuestMemory memory() {
    return GuestMemory.allocate(
        RAM, MachineLayout.HOLE_START, MachineLayout.HOLE_END, GuestMemory.Backing.ANONYMOUS);
  }
}
