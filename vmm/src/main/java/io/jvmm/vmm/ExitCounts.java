package io.jvmm.vmm;

/**
 * How often a vCPU left the guest, by reason.
 *
 * @param portReads KVM_EXIT_IO, in
 * @param portWrites KVM_EXIT_IO, out
 * @param mmioReads KVM_EXIT_MMIO, read
 * @param mmioWrites KVM_EXIT_MMIO, write
 * @param interrupted runs that a kick or a signal ended
 */
public record ExitCounts(
    long portReads, long portWrites, long mmioReads, long mmioWrites, long interrupted) {
  /** All together. */
  public long total() {
    return portReads + portWrites + mmioReads + mmioWrites + interrupted;
  }
}
