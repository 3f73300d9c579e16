package io.jvmm.vmm.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.jvmm.vmm.kvm.KvmAbi.Sregs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct kvm_sregs}: segments, descriptor tables, control registers, EFER.
 *
 * <p>Threads: belongs to one thread.
 */
public final class SystemRegisters implements AutoCloseable {
  /** CR0: protected mode. */
  public static final long CR0_PE = 1L;

  /** CR0: x87 present. */
  public static final long CR0_ET = 1L << 4;

  /** CR0: x87 errors as exceptions. */
  public static final long CR0_NE = 1L << 5;

  /** CR0: paging. */
  public static final long CR0_PG = 1L << 31;

  /** CR4: physical address extension. */
  public static final long CR4_PAE = 1L << 5;

  /** EFER: long mode enabled. */
  public static final long EFER_LME = 1L << 8;

  /** EFER: long mode active. */
  public static final long EFER_LMA = 1L << 10;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment sregs = arena.allocate(Sregs.SIZE, Long.BYTES);

  /** All zero; read them from a vCPU before changing some. */
  public SystemRegisters() {}

  long address() {
    return sregs.address();
  }

  /** A flat 64-bit code segment. */
  public void setCode64(int selector) {
    segment(Sregs.CS, selector, 0xB, 1, 0, 1);
  }

  /** A flat 32-bit code segment. */
  public void setCode32(int selector) {
    segment(Sregs.CS, selector, 0xB, 1, 1, 0);
  }

  /** A real-mode code segment; in real mode its base is 16 times its selector. */
  public void setRealModeCode(int selector, long base) {
    sregs.set(JAVA_SHORT, Sregs.CS + Sregs.SEGMENT_SELECTOR, (short) selector);
    sregs.set(JAVA_LONG, Sregs.CS + Sregs.SEGMENT_BASE, base);
  }

  /** A flat data segment in DS, ES, FS, GS and SS. */
  public void setData(int selector) {
    segment(Sregs.DS, selector, 0x3, 1, 1, 0);
    segment(Sregs.ES, selector, 0x3, 1, 1, 0);
    segment(Sregs.FS, selector, 0x3, 1, 1, 0);
    segment(Sregs.GS, selector, 0x3, 1, 1, 0);
    segment(Sregs.SS, selector, 0x3, 1, 1, 0);
  }

  /** A busy TSS in the task register, which VM entry insists on. */
  public void setTask(int selector) {
    segment(Sregs.TR, selector, 0xB, 0, 0, 0);
    sregs.set(JAVA_INT, Sregs.TR + Sregs.SEGMENT_LIMIT, 0x67); // a 104-byte TSS
    sregs.set(JAVA_BYTE, Sregs.TR + Sregs.SEGMENT_G, (byte) 0);
  }

  private void segment(int at, int selector, int type, int s, int db, int l) {
    sregs.asSlice(at, Sregs.DS - Sregs.CS).fill((byte) 0);
    sregs.set(JAVA_INT, at + Sregs.SEGMENT_LIMIT, 0xFFFF_FFFF);
    sregs.set(JAVA_SHORT, at + Sregs.SEGMENT_SELECTOR, (short) selector);
    sregs.set(JAVA_BYTE, at + Sregs.SEGMENT_TYPE, (byte) type);
    sregs.set(JAVA_BYTE, at + Sregs.SEGMENT_PRESENT, (byte) 1);
    sregs.set(JAVA_BYTE, at + Sregs.SEGMENT_DB, (byte) db);
    sregs.set(JAVA_BYTE, at + Sregs.SEGMENT_S, (byte) s);
    sregs.set(JAVA_BYTE, at + Sregs.SEGMENT_L, (byte) l);
    sregs.set(JAVA_BYTE, at + Sregs.SEGMENT_G, (byte) 1);
  }

  /** The GDT's place and its size less one. */
  public void setGdt(long base, int limit) {
    sregs.set(JAVA_LONG, Sregs.GDT + Sregs.DTABLE_BASE, base);
    sregs.set(JAVA_SHORT, Sregs.GDT + Sregs.DTABLE_LIMIT, (short) limit);
  }

  /** An empty IDT. */
  public void clearIdt() {
    sregs.set(JAVA_LONG, Sregs.IDT + Sregs.DTABLE_BASE, 0L);
    sregs.set(JAVA_SHORT, Sregs.IDT + Sregs.DTABLE_LIMIT, (short) 0);
  }

  /** Sets CR0, CR3, CR4 and EFER, which have to fit each other. */
  public void setControl(long cr0, long cr3, long cr4, long efer) {
    sregs.set(JAVA_LONG, Sregs.CR0, cr0);
    sregs.set(JAVA_LONG, Sregs.CR3, cr3);
    sregs.set(JAVA_LONG, Sregs.CR4, cr4);
    sregs.set(JAVA_LONG, Sregs.EFER, efer);
  }

  /** CR0. */
  public long cr0() {
    return sregs.get(JAVA_LONG, Sregs.CR0);
  }

  /** CR2: the address of the last page fault. */
  public long cr2() {
    return sregs.get(JAVA_LONG, Sregs.CR2);
  }

  /** CR3. */
  public long cr3() {
    return sregs.get(JAVA_LONG, Sregs.CR3);
  }

  /** CR4. */
  public long cr4() {
    return sregs.get(JAVA_LONG, Sregs.CR4);
  }

  /** EFER. */
  public long efer() {
    return sregs.get(JAVA_LONG, Sregs.EFER);
  }

  /** CS's base, which RIP is added to. */
  public long codeBase() {
    return sregs.get(JAVA_LONG, Sregs.CS + Sregs.SEGMENT_BASE);
  }

  @Override
  public void close() {
    arena.close();
  }
}
