package io.jvmm.vmm.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.jvmm.boot.tables.SegmentDescriptor;
import io.jvmm.vmm.kvm.KvmAbi.Sregs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct kvm_sregs}: segments, descriptor tables, control registers, EFER.
 *
 * <p>Threads: belongs to one thread.
 */
public final class SystemRegisters implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment sregs = arena.allocate(Sregs.SIZE, Long.BYTES);

  /** All zero; read them from a vCPU before changing some. */
  public SystemRegisters() {}

  long address() {
    return sregs.address();
  }

  /** Sets CS. */
  public void setCode(SegmentDescriptor code) {
    segment(Sregs.CS, code);
  }

  /** A real-mode code segment; in real mode its base is 16 times its selector. */
  public void setRealModeCode(int selector, long base) {
    sregs.set(JAVA_SHORT, Sregs.CS + Sregs.SEGMENT_SELECTOR, (short) selector);
    sregs.set(JAVA_LONG, Sregs.CS + Sregs.SEGMENT_BASE, base);
  }

  /** Sets DS, ES, FS, GS and SS. */
  public void setData(SegmentDescriptor data) {
    segment(Sregs.DS, data);
    segment(Sregs.ES, data);
    segment(Sregs.FS, data);
    segment(Sregs.GS, data);
    segment(Sregs.SS, data);
  }

  /** Sets the task register; VM entry insists on a busy TSS. */
  public void setTask(SegmentDescriptor task) {
    segment(Sregs.TR, task);
  }

  private void segment(int at, SegmentDescriptor descriptor) {
    sregs.asSlice(at, Sregs.DS - Sregs.CS).fill((byte) 0);
    sregs.set(JAVA_LONG, at + Sregs.SEGMENT_BASE, descriptor.base());
    sregs.set(JAVA_INT, at + Sregs.SEGMENT_LIMIT, descriptor.limit());
    sregs.set(JAVA_SHORT, at + Sregs.SEGMENT_SELECTOR, (short) descriptor.selector());
    setByte(at + Sregs.SEGMENT_TYPE, descriptor.type());
    setByte(at + Sregs.SEGMENT_PRESENT, descriptor.present());
    setByte(at + Sregs.SEGMENT_DPL, descriptor.privilege());
    setByte(at + Sregs.SEGMENT_DB, descriptor.defaultSize());
    setByte(at + Sregs.SEGMENT_S, descriptor.codeOrData());
    setByte(at + Sregs.SEGMENT_L, descriptor.longMode());
    setByte(at + Sregs.SEGMENT_G, descriptor.granularity());
  }

  private void setByte(int at, int value) {
    sregs.set(JAVA_BYTE, at, (byte) value);
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
