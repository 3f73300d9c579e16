package io.jvmm.vmm.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.jvmm.vmm.kvm.KvmAbi.Run;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * {@code struct kvm_run} as a view: why the guest stopped, and where the answer goes.
 *
 * <p>Threads: the vCPU thread's between two runs; {@link #requestExit} is for any thread.
 */
public final class KvmRun {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final MemorySegment run;

  KvmRun(MemorySegment run) {
    this.run = run;
  }

  /** One of {@link KvmExit}. */
  public int exitReason() {
    return run.get(JAVA_INT, Run.EXIT_REASON);
  }

  /** Makes the next run end at once. */
  public void requestExit() {
    run.set(JAVA_BYTE, Run.IMMEDIATE_EXIT, (byte) 1);
  }

  /** Takes back {@link #requestExit}; the vCPU thread's. */
  public void clearExitRequest() {
    run.set(JAVA_BYTE, Run.IMMEDIATE_EXIT, (byte) 0);
  }

  /** KVM_EXIT_IO: whether the guest writes. */
  public boolean ioIsWrite() {
    return run.get(JAVA_BYTE, Run.IO_DIRECTION) != 0;
  }

  /** KVM_EXIT_IO: 1, 2 or 4 bytes. */
  public int ioSize() {
    return run.get(JAVA_BYTE, Run.IO_SIZE);
  }

  /** KVM_EXIT_IO: the port. */
  public int ioPort() {
    return Short.toUnsignedInt(run.get(JAVA_SHORT, Run.IO_PORT));
  }

  /** KVM_EXIT_IO: how many accesses, more than one for a string instruction. */
  public int ioCount() {
    return run.get(JAVA_INT, Run.IO_COUNT);
  }

  /** KVM_EXIT_IO: what the guest wrote in access {@code index}, zero-extended. */
  public int ioData(int index) {
    long at = ioDataAt(index);
    return switch (ioSize()) {
      case 1 -> Byte.toUnsignedInt(run.get(JAVA_BYTE, at));
      case 2 -> Short.toUnsignedInt(run.get(SHORT, at));
      default -> run.get(INT, at);
    };
  }

  /** KVM_EXIT_IO: what the guest will read in access {@code index}. */
  public void setIoData(int index, int value) {
    long at = ioDataAt(index);
    switch (ioSize()) {
      case 1 -> run.set(JAVA_BYTE, at, (byte) value);
      case 2 -> run.set(SHORT, at, (short) value);
      default -> run.set(INT, at, value);
    }
  }

  private long ioDataAt(int index) {
    return run.get(JAVA_LONG, Run.IO_DATA_OFFSET) + (long) index * ioSize();
  }

  /** KVM_EXIT_MMIO: the guest physical address. */
  public long mmioAddress() {
    return run.get(JAVA_LONG, Run.MMIO_PHYS_ADDR);
  }

  /** KVM_EXIT_MMIO: 1 to 8 bytes. */
  public int mmioLength() {
    return run.get(JAVA_INT, Run.MMIO_LEN);
  }

  /** KVM_EXIT_MMIO: whether the guest writes. */
  public boolean mmioIsWrite() {
    return run.get(JAVA_BYTE, Run.MMIO_IS_WRITE) != 0;
  }

  /** KVM_EXIT_MMIO: what the guest wrote; bytes above {@link #mmioLength} are not defined. */
  public long mmioData() {
    return run.get(LONG, Run.MMIO_DATA);
  }

  /** KVM_EXIT_MMIO: what the guest will read. */
  public void setMmioData(long value) {
    run.set(LONG, Run.MMIO_DATA, value);
  }

  /** KVM_EXIT_INTERNAL_ERROR: what went wrong inside KVM. */
  public int suberror() {
    return run.get(JAVA_INT, Run.SUBERROR);
  }

  /** KVM_EXIT_FAIL_ENTRY: the hardware's reason. */
  public long entryFailureReason() {
    return run.get(JAVA_LONG, Run.FAIL_ENTRY_REASON);
  }

  /**
   * KVM_EXIT_INTERNAL_ERROR, emulation: the bytes of the instruction, none where KVM does not give
   * them.
   */
  public byte[] failedInstruction() {
    if (run.get(JAVA_INT, Run.NDATA) < 3
        || (run.get(JAVA_LONG, Run.EMULATION_FLAGS) & Run.EMULATION_FLAG_INSTRUCTION_BYTES) == 0) {
      return new byte[0];
    }
    int size = run.get(JAVA_BYTE, Run.EMULATION_INSN_SIZE);
    byte[] bytes =
        run.asSlice(Run.EMULATION_INSN_BYTES, Run.EMULATION_INSN_BYTES_MAX).toArray(JAVA_BYTE);
    return Arrays.copyOf(bytes, Math.clamp(size, 0, bytes.length));
  }
}
