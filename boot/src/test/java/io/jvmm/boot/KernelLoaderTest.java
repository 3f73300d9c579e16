package io.jvmm.boot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jvmm.boot.elf.TestElf;
import io.jvmm.boot.tables.Gdt;
import io.jvmm.boot.tables.MpTable;
import io.jvmm.boot.tables.SegmentDescriptor;
import io.jvmm.memory.GuestMemory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelLoaderTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;
  private static final int KERNEL_END = 0x10_1000;

  @TempDir Path directory;

  @Test
  void aLinuxIsEnteredInLongModeWithTheZeroPageInRsi() {
    try (GuestMemory memory = memory(4 * MIB)) {
      KernelEntry entry = load(memory, EntryProtocol.AUTO, null);

      assertEquals(KernelEntry.Protocol.LINUX_64, entry.protocol());
      assertEquals(0x10_0000, entry.rip());
      assertEquals(MachineLayout.ZERO_PAGE, entry.rsi());
      assertEquals(0, entry.rbx());
      assertEquals(0x9000, entry.rsp());
      assertEquals(0x8000_0011L, entry.cr0());
      assertEquals(0x9000, entry.cr3());
      assertEquals(0x20, entry.cr4());
      assertEquals(0x500, entry.efer());
      assertEquals(SegmentDescriptor.CODE_64, entry.code());
      assertGdt(memory, entry);
      assertEquals(0xA003, memory.getLong(entry.cr3()));
      assertEquals(0x20_0083, memory.getLong(entry.cr3() + 0x2008));
      assertEquals(MachineLayout.ACPI_TABLES, memory.getLong(entry.rsi() + 0x70));
      assertEquals(MachineLayout.COMMAND_LINE, memory.getInt(entry.rsi() + 0x228));
      assertEquals(5, memory.getByte(entry.rsi() + 0x1E8));
    }
  }

  @Test
  void aPvhKernelIsEnteredIn32BitModeWithTheStartInfoInEbx() {
    try (GuestMemory memory = memory(4 * MIB)) {
      KernelEntry entry = load(memory, EntryProtocol.PVH, null);

      assertEquals(KernelEntry.Protocol.PVH, entry.protocol());
      assertEquals(0x10_0010, entry.rip());
      assertEquals(0, entry.rsi());
      assertEquals(MachineLayout.START_INFO, entry.rbx());
      assertEquals(0x11, entry.cr0());
      assertEquals(0, entry.cr3());
      assertEquals(0, entry.cr4());
      assertEquals(0, entry.efer());
      assertEquals(SegmentDescriptor.CODE_32, entry.code());
      assertGdt(memory, entry);
      assertEquals(0x336E_C578, memory.getInt(entry.rbx()));
    }
  }

  private static void assertGdt(GuestMemory memory, KernelEntry entry) {
    byte[] gdt = new byte[entry.gdtLimit() + 1];
    memory.read(entry.gdt(), gdt, 0, gdt.length);
    assertArrayEquals(Gdt.bytes(entry.code()), gdt);
    assertEquals(entry.code().bits(), memory.getLong(entry.gdt() + entry.code().selector()));
    assertEquals(entry.data().bits(), memory.getLong(entry.gdt() + entry.data().selector()));
    assertEquals(entry.task().bits(), memory.getLong(entry.gdt() + entry.task().selector()));
  }

  @Test
  void theTablesAndTheCommandLineAreWhereTheLayoutSays() {
    try (GuestMemory memory = memory(4 * MIB)) {
      load(memory, EntryProtocol.AUTO, null);

      byte[] line = new byte[7];
      memory.read(MachineLayout.COMMAND_LINE, line, 0, line.length);
      assertEquals("a=1 b\0\0", new String(line, StandardCharsets.US_ASCII));
      byte[] mp = new byte[MpTable.size(2)];
      memory.read(MachineLayout.MP_TABLE, mp, 0, mp.length);
      assertArrayEquals(MpTable.bytes(2), mp);
      assertEquals(0x2052_5450_2044_5352L, memory.getLong(MachineLayout.ACPI_TABLES)); // RSD PTR
    }
  }

  @Test
  void whereFirmwareWouldBeginIsCodeThatResetsTheMachine() {
    try (GuestMemory memory = memory(4 * MIB)) {
      load(memory, EntryProtocol.AUTO, null);

      byte[] code = new byte[4];
      memory.read(0xF_FFF0, code, 0, code.length);
      assertArrayEquals(new byte[] {(byte) 0xB0, (byte) 0xFE, (byte) 0xE6, 0x64}, code); // out
    }
  }

  @Test
  void anInitrdLiesOnWholePagesAtTheEndOfRam() throws Exception {
    try (GuestMemory memory = memory(4 * MIB);
        Initrd initrd = initrd(0x1801)) {
      KernelEntry entry = load(memory, EntryProtocol.AUTO, initrd);

      long gpa = 4 * MIB - 0x2000;
      assertEquals(gpa, memory.getInt(entry.rsi() + 0x218));
      assertEquals(0x1801, memory.getInt(entry.rsi() + 0x21C));
      assertEquals(0x5A, memory.getByte(gpa));
      assertEquals(0x5A, memory.getByte(gpa + 0x1800));
      assertEquals(0, memory.getByte(gpa + 0x1801));
    }
  }

  @Test
  void anInitrdOfALargeMachineLiesBelowTheHole() throws Exception {
    try (GuestMemory memory = memory(6 * GIB);
        Initrd initrd = initrd(0x1000)) {
      KernelEntry entry = load(memory, EntryProtocol.AUTO, initrd);

      assertEquals((int) (MachineLayout.HOLE_START - 0x1000), memory.getInt(entry.rsi() + 0x218));
      assertEquals(6, memory.getByte(entry.rsi() + 0x1E8));
      assertEquals(GIB * 4, memory.getLong(entry.rsi() + 0x2D0 + 5 * 20));
      assertEquals(
          6 * GIB - MachineLayout.HOLE_START, memory.getLong(entry.rsi() + 0x2D8 + 5 * 20));
    }
  }

  @Test
  void anInitrdIsAModuleOfPvh() throws Exception {
    try (GuestMemory memory = memory(4 * MIB);
        Initrd initrd = initrd(0x1000)) {
      KernelEntry entry = load(memory, EntryProtocol.PVH, initrd);

      assertEquals(1, memory.getInt(entry.rbx() + 12));
      long module = memory.getLong(entry.rbx() + 16);
      assertEquals(4 * MIB - 0x1000, memory.getLong(module));
      assertEquals(0x1000, memory.getLong(module + 8));
    }
  }

  @Test
  void anInitrdMayFillAllRamAboveTheKernel() throws Exception {
    long room = 2 * MIB - KERNEL_END;
    try (GuestMemory memory = memory(2 * MIB);
        Initrd initrd = initrd(room)) {
      KernelEntry entry = load(memory, EntryProtocol.AUTO, initrd);

      assertEquals(KERNEL_END, memory.getInt(entry.rsi() + 0x218));
    }
  }

  @Test
  void anInitrdThatIsOneByteTooLargeIsRefused() throws Exception {
    long room = 2 * MIB - KERNEL_END;
    try (GuestMemory memory = memory(2 * MIB);
        Initrd initrd = initrd(room + 1)) {
      assertEquals(
          "initrd "
              + directory
              + "/initrd: its 1044481 bytes do not fit: above the kernel the guest has 1044480"
              + " bytes of RAM for it; give the guest more memory",
          Refusal.message(() -> load(memory, EntryProtocol.AUTO, initrd)));
    }
  }

  @Test
  void anInitrdThatIsLargerThanAllRamIsRefused() throws Exception {
    try (GuestMemory memory = memory(2 * MIB);
        Initrd initrd = initrd(64 * GIB)) {
      Refusal.assertRefused(
          "its 68719476736 bytes do not fit", () -> load(memory, EntryProtocol.AUTO, initrd));
    }
  }

  @Test
  void anInitrdThatIsMissingOrEmptyIsRefused() throws Exception {
    Refusal.assertRefused(
        "initrd /nowhere: cannot be opened: no such file", () -> Initrd.open("/nowhere"));
    Path empty = Files.createFile(directory.resolve("empty"));
    Refusal.assertRefused("/empty: is empty", () -> Initrd.open(empty.toString()));
  }

  @Test
  void aFileThatShrinksWhileItIsReadIsRefused() throws Exception {
    try (GuestMemory memory = memory(4 * MIB);
        Initrd initrd = initrd(0x2000)) {
      initrd(0x1000).close();
      Refusal.assertRefused(
          "/initrd: cannot be read", () -> load(memory, EntryProtocol.AUTO, initrd));
    }
  }

  @Test
  void aCommandLineThatIsTooLongForTheKernelIsRefused() {
    try (GuestMemory memory = memory(4 * MIB);
        KernelImage kernel = KernelImage.open(TestElf.minimal().write(directory))) {
      BootParameters atLimit = parameters("x".repeat(2047), EntryProtocol.AUTO, null);
      KernelLoader.load(kernel, atLimit, memory);
      assertEquals('x', memory.getByte(MachineLayout.COMMAND_LINE + 2046));
      assertEquals(0, memory.getByte(MachineLayout.COMMAND_LINE + 2047));

      BootParameters above = parameters("x".repeat(2048), EntryProtocol.AUTO, null);
      Refusal.assertRefused(
          "has 2048 bytes, this kernel takes at most 2047",
          () -> KernelLoader.load(kernel, above, memory));
    }
  }

  @Test
  void aGuestWithoutAMebibyteIsRefused() {
    try (GuestMemory memory = memory(MIB)) {
      Refusal.assertRefused(
          "guest memory: 1048576 bytes do not hold a kernel",
          () -> load(memory, EntryProtocol.AUTO, null));
    }
  }

  @Test
  void parametersOutsideTheMachineAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> cpus(0));
    assertThrows(IllegalArgumentException.class, () -> cpus(MachineLayout.CPUS_MAX + 1));
    assertEquals(MachineLayout.CPUS_MAX, cpus(MachineLayout.CPUS_MAX).cpus());
    VirtioMmioSlot slot = new VirtioMmioSlot(MachineLayout.VIRTIO_MMIO_START, 5);
    VirtioMmioSlot[] many = new VirtioMmioSlot[MachineLayout.VIRTIO_DEVICES_MAX + 1];
    Arrays.fill(many, slot);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new BootParameters(
                1, new CommandLine(), null, List.of(many), false, EntryProtocol.AUTO, false));
  }

  private static BootParameters cpus(int cpus) {
    return new BootParameters(
        cpus, new CommandLine(), null, List.of(), false, EntryProtocol.AUTO, false);
  }

  private KernelEntry load(GuestMemory memory, EntryProtocol protocol, @Nullable Initrd initrd) {
    TestElf elf = TestElf.minimal().notes(0x800, TestElf.note("Xen", 18, TestElf.le64(0x10_0010)));
    try (KernelImage kernel = KernelImage.open(elf.write(directory))) {
      return KernelLoader.load(kernel, parameters("a=1 b", protocol, initrd), memory);
    }
  }

  private static BootParameters parameters(
      String words, EntryProtocol protocol, @Nullable Initrd initrd) {
    return new BootParameters(
        2, new CommandLine().add(words), initrd, List.of(), false, protocol, false);
  }

  /** A sparse file but for its first pages, which hold 0x5a. */
  private Initrd initrd(long length) throws Exception {
    Path file = directory.resolve("initrd");
    byte[] content = new byte[(int) Math.min(length, 0x4000)];
    Arrays.fill(content, (byte) 0x5A);
    Files.write(file, content);
    try (java.io.RandomAccessFile access = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(length);
    }
    return Initrd.open(file.toString());
  }

  private static GuestMemory memory(long length) {
    return GuestMemory.allocate(
        length, MachineLayout.HOLE_START, MachineLayout.HOLE_END, GuestMemory.Backing.ANONYMOUS);
  }
}
