package io.jvmm.vmm.kvm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jvmm.vmm.kvm.KvmAbi.Regs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct kvm_regs}: the general registers, RIP and RFLAGS; all zero at first.
 *
 * <p>Threads: belongs to one thread.
 */
public final class GeneralRegisters implements AutoCloseable {
  private static final String[] NAMES = {
    "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rsp", "rbp", "r8", "r9", "r10", "r11", "r12", "r13",
    "r14", "r15", "rip", "rflags"
  };

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment regs = arena.allocate(Regs.SIZE, Long.BYTES);

  /** All zero. */
  public GeneralRegisters() {}

  long address() {
    return regs.address();
  }

  /** The instruction pointer. */
  public long rip() {
    return regs.get(JAVA_LONG, Regs.RIP);
  }

  /** Sets RIP. */
  public void setRip(long value) {
    regs.set(JAVA_LONG, Regs.RIP, value);
  }

  /** Sets RBX. */
  public void setRbx(long value) {
    regs.set(JAVA_LONG, Regs.RBX, value);
  }

  /** Sets RSI. */
  public void setRsi(long value) {
    regs.set(JAVA_LONG, Regs.RSI, value);
  }

  /** Sets RSP. */
  public void setRsp(long value) {
    regs.set(JAVA_LONG, Regs.RSP, value);
  }

  /** Sets RFLAGS; bit 1 is always one. */
  public void setRflags(long value) {
    regs.set(JAVA_LONG, Regs.RFLAGS, value);
  }

  /** How many registers {@link #name} and {@link #value} know. */
  public static int count() {
    return NAMES.length;
  }

  /** A register's name. */
  public static String name(int index) {
    return NAMES[index];
  }

  /** A register's value. */
  public long value(int index) {
    return regs.get(JAVA_LONG, (long) index * Long.BYTES);
  }

  @Override
  public void close() {
    arena.close();
  }
}
