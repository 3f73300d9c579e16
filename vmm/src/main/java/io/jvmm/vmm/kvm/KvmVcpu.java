package io.jvmm.vmm.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.jvmm.host.CallState;
import io.jvmm.host.Fd;
import io.jvmm.host.Ioctl;
import io.jvmm.host.Mapping;
import io.jvmm.host.SyscallException;
import io.jvmm.host.signal.ThreadSignals;
import io.jvmm.vmm.kvm.KvmAbi.Msrs;
import io.jvmm.vmm.kvm.KvmAbi.SignalMask;
import io.jvmm.vmm.kvm.KvmAbi.Translation;
import java.lang.foreign.MemorySegment;

/**
 * One vCPU in KVM.
 *
 * <p>Threads: set up by the thread that builds the machine, then run, read and written by its vCPU
 * thread alone; {@link KvmRun#requestExit} is for any thread.
 */
public final class KvmVcpu implements AutoCloseable {
  /** What {@link #translate} answers where the guest has nothing mapped. */
  public static final long NOT_MAPPED = -1;

  private final Fd fd;
  private final Mapping runMapping;
  private final KvmRun run;

  private KvmVcpu(Fd fd, Mapping runMapping) {
    this.fd = fd;
    this.runMapping = runMapping;
    this.run = new KvmRun(runMapping.segment());
  }

  static KvmVcpu of(Fd fd, long mapSize) {
    try {
      return new KvmVcpu(fd, Mapping.shared("kvm_run of " + fd.role(), fd, 0, mapSize));
    } catch (RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  /** The memory that KVM and this process share about this vCPU. */
  public KvmRun run() {
    return run;
  }

  /**
   * Hot: runs the guest until it needs something; 0, or {@code -errno} (EINTR after a kick, EAGAIN
   * before a start-up IPI).
   */
  public long tryRun(CallState state) {
    return Ioctl.tryCall(state, fd.number(), KvmAbi.KVM_RUN, 0);
  }

  /** What CPUID answers in the guest. */
  public void setCpuid(CpuidTable table) {
    Ioctl.call(fd, "KVM_SET_CPUID2", KvmAbi.KVM_SET_CPUID2, table.address());
  }

  /**
   * Sets a model-specific register.
   *
   * @return false where this KVM does not know it
   */
  public boolean setMsr(int index, long value) {
    MemorySegment s = scratch(Msrs.ENTRIES + Msrs.ENTRY_SIZE);
    s.set(JAVA_INT, Msrs.NMSRS, 1);
    s.set(JAVA_INT, Msrs.ENTRIES + Msrs.INDEX, index);
    s.set(JAVA_LONG, Msrs.ENTRIES + Msrs.DATA, value);
    return Ioctl.call(fd, "KVM_SET_MSRS", KvmAbi.KVM_SET_MSRS, s.address()) == 1;
  }

  /** Reads the general registers into {@code registers}. */
  public void read(GeneralRegisters registers) {
    Ioctl.call(fd, "KVM_GET_REGS", KvmAbi.KVM_GET_REGS, registers.address());
  }

  /** Sets the general registers. */
  public void write(GeneralRegisters registers) {
    Ioctl.call(fd, "KVM_SET_REGS", KvmAbi.KVM_SET_REGS, registers.address());
  }

  /** Reads segments, tables and control registers into {@code registers}. */
  public void read(SystemRegisters registers) {
    Ioctl.call(fd, "KVM_GET_SREGS", KvmAbi.KVM_GET_SREGS, registers.address());
  }

  /** Sets segments, tables and control registers. */
  public void write(SystemRegisters registers) {
    Ioctl.call(fd, "KVM_SET_SREGS", KvmAbi.KVM_SET_SREGS, registers.address());
  }

  /**
   * Unblocks a signal inside {@code KVM_RUN} alone: there it ends the run with EINTR, and it stays
   * pending until the thread takes it. Called by the vCPU thread, which has blocked the signal for
   * itself.
   */
  public void unblockWhileRunning(int signal) {
    MemorySegment s = scratch(SignalMask.SIGSET + ThreadSignals.KERNEL_SIGSET_BYTES);
    long mask = ThreadSignals.blocked() & ~ThreadSignals.setOf(signal);
    s.set(JAVA_INT, SignalMask.LEN, ThreadSignals.KERNEL_SIGSET_BYTES);
    s.set(JAVA_LONG_UNALIGNED, SignalMask.SIGSET, mask);
    Ioctl.call(fd, "KVM_SET_SIGNAL_MASK", KvmAbi.KVM_SET_SIGNAL_MASK, s.address());
  }

  /** Where the guest's page tables map a linear address, or {@link #NOT_MAPPED}. */
  public long translate(long linear) {
    MemorySegment s = scratch(Translation.SIZE);
    s.set(JAVA_LONG, Translation.LINEAR_ADDRESS, linear);
    try {
      Ioctl.call(fd, "KVM_TRANSLATE", KvmAbi.KVM_TRANSLATE, s.address());
    } catch (SyscallException e) {
      return NOT_MAPPED;
    }
    return s.get(java.lang.foreign.ValueLayout.JAVA_BYTE, Translation.VALID) != 0
        ? s.get(JAVA_LONG, Translation.PHYSICAL_ADDRESS)
        : NOT_MAPPED;
  }

  private static MemorySegment scratch(int size) {
    return CallState.current().scratch().asSlice(0, size).fill((byte) 0);
  }

  @Override
  public void close() {
    runMapping.close();
    fd.close();
  }
}
