package io.jvmm.vmm.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.jvmm.vmm.kvm.KvmAbi.Cpuid2;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The CPUID leaves of a guest: {@code struct kvm_cpuid2}, by row.
 *
 * <p>Threads: belongs to one thread.
 */
public final class CpuidTable implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment table =
      arena.allocate(Cpuid2.ENTRIES + (long) Cpuid2.ENTRIES_MAX * Cpuid2.ENTRY_SIZE, Long.BYTES);

  /** An empty table. */
  public CpuidTable() {}

  /** Says how many rows there is room for, as {@code KVM_GET_SUPPORTED_CPUID} wants it. */
  long prepare() {
    table.set(JAVA_INT, Cpuid2.NENT, Cpuid2.ENTRIES_MAX);
    return address();
  }

  long address() {
    return table.address();
  }

  /** How many rows there are. */
  public int size() {
    return table.get(JAVA_INT, Cpuid2.NENT);
  }

  private static long row(int row) {
    return Cpuid2.ENTRIES + (long) row * Cpuid2.ENTRY_SIZE;
  }

  /** EAX that asks for this row. */
  public int function(int row) {
    return table.get(JAVA_INT, row(row) + Cpuid2.FUNCTION);
  }

  /** ECX that asks for this row, where it matters. */
  public int index(int row) {
    return table.get(JAVA_INT, row(row) + Cpuid2.INDEX);
  }

  /** A row's answer in EAX. */
  public int eax(int row) {
    return table.get(JAVA_INT, row(row) + Cpuid2.EAX);
  }

  /** A row's answer in EBX. */
  public int ebx(int row) {
    return table.get(JAVA_INT, row(row) + Cpuid2.EBX);
  }

  /** A row's answer in ECX. */
  public int ecx(int row) {
    return table.get(JAVA_INT, row(row) + Cpuid2.ECX);
  }

  /** A row's answer in EDX. */
  public int edx(int row) {
    return table.get(JAVA_INT, row(row) + Cpuid2.EDX);
  }

  /** Sets a row's answer in EAX. */
  public void setEax(int row, int value) {
    table.set(JAVA_INT, row(row) + Cpuid2.EAX, value);
  }

  /** Sets a row's answer in EBX. */
  public void setEbx(int row, int value) {
    table.set(JAVA_INT, row(row) + Cpuid2.EBX, value);
  }

  /** Sets a row's answer in ECX. */
  public void setEcx(int row, int value) {
    table.set(JAVA_INT, row(row) + Cpuid2.ECX, value);
  }

  /** Sets a row's answer in EDX. */
  public void setEdx(int row, int value) {
    table.set(JAVA_INT, row(row) + Cpuid2.EDX, value);
  }

  /**
   * Adds a row.
   *
   * @return its number
   * @throws IllegalStateException where the table is full
   */
  public int add(int function, int index, int flags) {
    int row = size();
    if (row == Cpuid2.ENTRIES_MAX) {
      throw new IllegalStateException("more than " + row + " CPUID leaves");
    }
    table.asSlice(row(row), Cpuid2.ENTRY_SIZE).fill((byte) 0);
    table.set(JAVA_INT, row(row) + Cpuid2.FUNCTION, function);
    table.set(JAVA_INT, row(row) + Cpuid2.INDEX, index);
    table.set(JAVA_INT, row(row) + Cpuid2.FLAGS, flags);
    table.set(JAVA_INT, Cpuid2.NENT, row + 1);
    return row;
  }

  @Override
  public void close() {
    arena.close();
  }
}
