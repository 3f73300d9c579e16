package io.jvmm.boot;

import io.jvmm.boot.acpi.AcpiTables;
import io.jvmm.boot.pvh.StartInfo;
import io.jvmm.boot.tables.E820Map;
import io.jvmm.boot.tables.Gdt;
import io.jvmm.boot.tables.MpTable;
import io.jvmm.boot.tables.PageTables;
import io.jvmm.boot.tables.ResetVector;
import io.jvmm.boot.tables.ZeroPage;
import io.jvmm.memory.GuestMemory;
import java.lang.foreign.MemorySegment;

/**
 * Puts into guest memory what a kernel needs to start: itself, its initrd and its command line, the
 * tables by which it finds its machine, and what the CPU needs at entry.
 *
 * <p>Runs before the first guest instruction, so it is short in code and in classes: the big files
 * go by {@code pread} or {@code mmap} straight into guest memory, each table is one copy.
 */
public final class KernelLoader {
  private KernelLoader() {}

  /**
   * Loads a kernel.
   *
   * @param memory fresh guest RAM: all zero
   * @return how the first CPU is to enter it
   * @throws BootException where something is too large, or the kernel has no such way in
   */
  public static KernelEntry load(KernelImage image, BootParameters parameters, GuestMemory memory) {
    long lowRam = memory.region(0).length();
    long highRam = memory.length() - lowRam;
    if (lowRam <= MachineLayout.KERNEL_MIN) {
      throw new BootException(
          "guest memory: " + lowRam + " bytes do not hold a kernel; 1 MiB is taken before it");
    }
    KernelEntry entry = image.entry(parameters.protocol());
    byte[] commandLine =
        parameters.commandLine().bytes(parameters.slots(), image.commandLineLengthMax());
    image.load(memory, lowRam, parameters.kernelFileIsImmutable());

    long initrdGpa = 0;
    long initrdLength = 0;
    Initrd initrd = parameters.initrd();
    if (initrd != null) {
      initrdLength = initrd.length();
      initrdGpa = initrd.load(memory, image.end(), Math.min(lowRam, image.initrdEndMax()));
    }

    memory.write(MachineLayout.COMMAND_LINE, commandLine);
    memory.write(MachineLayout.MP_TABLE, MpTable.bytes(parameters.cpus()));
    memory.write(
        MachineLayout.ACPI_TABLES,
        AcpiTables.bytes(
            MachineLayout.ACPI_TABLES, parameters.cpus(), parameters.slots(), parameters.hasPci()));
    memory.write(
        MachineLayout.RESET_VECTOR,
        ResetVector.bytes(MachineLayout.I8042_COMMAND_PORT, MachineLayout.I8042_RESET));
    E820Map map = new E820Map(lowRam, highRam);
    if (entry.protocol() == KernelEntry.Protocol.LINUX_64) {
      memory.write(MachineLayout.ZERO_PAGE, zeroPage(image, map, initrdGpa, initrdLength));
      writePageTables(memory);
    } else {
      memory.write(MachineLayout.START_INFO, StartInfo.bytes(map, initrdGpa, initrdLength));
    }
    memory.write(MachineLayout.GDT, Gdt.bytes(entry.code()));
    return entry;
  }

  private static byte[] zeroPage(
      KernelImage image, E820Map map, long initrdGpa, long initrdLength) {
    ZeroPage page = new ZeroPage();
    image.describe(page);
    page.commandLine(MachineLayout.COMMAND_LINE);
    page.initrd(initrdGpa, initrdLength);
    page.rsdp(MachineLayout.ACPI_TABLES);
    page.memoryMap(map);
    return page.bytes();
  }

  private static void writePageTables(GuestMemory memory) {
    MemorySegment entries = MemorySegment.ofArray(PageTables.entries(MachineLayout.PAGE_TABLES));
    memory.slice(MachineLayout.PAGE_TABLES, PageTables.SIZE).copyFrom(entries);
  }
}
