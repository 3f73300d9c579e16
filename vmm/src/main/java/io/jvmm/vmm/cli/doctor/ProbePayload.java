package io.jvmm.vmm.cli.doctor;

import io.jvmm.boot.KernelEntry;
import io.jvmm.boot.tables.Gdt;
import io.jvmm.boot.tables.PageTables;
import io.jvmm.boot.tables.SegmentDescriptor;
import io.jvmm.memory.GuestMemory;
import java.util.Arrays;

/**
 * The guest of {@link OperatingSystemProbe}, 2 MiB in all:
 *
 * <pre>
 * 0x1000  GDT
 * 0x2000  IDT, with a gate for vector 3
 * 0x3000  what lidt loads
 * 0x4000  code
 * 0x6000  the stack's top
 * 0x9000  page tables
 * </pre>
 */
final class ProbePayload {
  static final long RAM_SIZE = 2L << 20;

  /** The port that the guest reports on, and its words. */
  static final int PORT = 0x10;

  static final int IDT_LOADED = 1;
  static final int IN_HANDLER = 2;
  static final int CAME_BACK = 3;

  private static final long GDT = 0x1000;
  private static final long IDT = 0x2000;
  private static final long IDT_POINTER = 0x3000;
  private static final long CODE = 0x4000;
  private static final long STACK_TOP = 0x6000;
  private static final long PAGE_TABLES = 0x9000;

  // Intel SDM vol. 3A, 2.2.1 and 2.5
  private static final long CR0_PE_ET_NE_PG = 0x8000_0031L;
  private static final long CR4_PAE = 0x20;
  private static final long EFER_LME_LMA = 0x500;

  private static final int BREAKPOINT = 3;
  private static final int GATE_SIZE = 16;

  /** Intel SDM vol. 3A, 6.14.1: a present interrupt gate of 64 bits. */
  private static final short INTERRUPT_GATE = (short) 0x8E00;

  private ProbePayload() {}

  /** Writes it into a guest's RAM, and tells how a CPU enters it. */
  static KernelEntry write(GuestMemory memory) {
    memory.write(GDT, Gdt.bytes(SegmentDescriptor.CODE_64));
    long[] pageTables = PageTables.entries(PAGE_TABLES);
    for (int i = 0; i < pageTables.length; i++) {
      memory.setLong(PAGE_TABLES + (long) i * Long.BYTES, pageTables[i]);
    }
    Code main =
        new Code()
            .lidt((int) IDT_POINTER)
            .movAl(IDT_LOADED)
            .outAl(PORT)
            .int3()
            .movAl(CAME_BACK)
            .outAl(PORT)
            .hlt();
    Code handler = new Code().movAl(IN_HANDLER).outAl(PORT).iretq();
    long handlerGpa = CODE + main.bytes().length;
    memory.write(CODE, main.bytes());
    memory.write(handlerGpa, handler.bytes());
    writeIdt(memory, handlerGpa);
    return new KernelEntry(
        KernelEntry.Protocol.LINUX_64,
        CODE,
        0,
        0,
        STACK_TOP,
        CR0_PE_ET_NE_PG,
        PAGE_TABLES,
        CR4_PAE,
        EFER_LME_LMA,
        GDT,
        SegmentDescriptor.GDT_LIMIT,
        SegmentDescriptor.CODE_64,
        SegmentDescriptor.DATA,
        SegmentDescriptor.TASK);
  }

  private static void writeIdt(GuestMemory memory, long handlerGpa) {
    long gate = IDT + BREAKPOINT * GATE_SIZE;
    memory.setShort(gate, (short) handlerGpa); // the offset's other bits are zero
    memory.setShort(gate + 2, (short) SegmentDescriptor.CODE_64.selector());
    memory.setShort(gate + 4, INTERRUPT_GATE);
    memory.setShort(IDT_POINTER, (short) ((BREAKPOINT + 1) * GATE_SIZE - 1));
    memory.setLong(IDT_POINTER + 2, IDT);
  }

  /** As much of an assembler as this needs (opcodes: Intel SDM vol. 2). */
  private static final class Code {
    private static final int LENGTH_MAX = 64;

    private final byte[] buffer = new byte[LENGTH_MAX];
    private int length;

    Code lidt(int address) {
      // 0F 01 /3, no base, no index (SIB 25), a displacement of 32 bits
      emit(0x0F, 0x01, 0x1C, 0x25);
      return emit(address, address >> 8, address >> 16, address >> 24);
    }

    Code int3() {
      return emit(0xCC);
    }

    Code movAl(int value) {
      return emit(0xB0, value);
    }

    Code outAl(int port) {
      return emit(0xE6, port);
    }

    Code hlt() {
      return emit(0xF4);
    }

    Code iretq() {
      return emit(0x48, 0xCF);
    }

    private Code emit(int... bytes) {
      for (int b : bytes) {
        buffer[length++] = (byte) b;
      }
      return this;
    }

    byte[] bytes() {
      return Arrays.copyOf(buffer, length);
    }
  }
}
