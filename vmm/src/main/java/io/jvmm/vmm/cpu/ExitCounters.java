package io.jvmm.vmm.cpu;

import io.jvmm.vmm.ExitCounts;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts why a vCPU left the guest.
 *
 * <p>Threads: the vCPU's thread counts, any thread reads.
 */
final class ExitCounters {
  private final AtomicLong portReads = new AtomicLong();
  private final AtomicLong portWrites = new AtomicLong();
  private final AtomicLong mmioReads = new AtomicLong();
  private final AtomicLong mmioWrites = new AtomicLong();
  private final AtomicLong interrupted = new AtomicLong();

  /** KVM_EXIT_IO, in. */
  void countPortRead() {
    add(portReads);
  }

  /** KVM_EXIT_IO, out. */
  void countPortWrite() {
    add(portWrites);
  }

  /** KVM_EXIT_MMIO, read. */
  void countMmioRead() {
    add(mmioReads);
  }

  /** KVM_EXIT_MMIO, write. */
  void countMmioWrite() {
    add(mmioWrites);
  }

  /** A run that a kick or a signal ended. */
  void countInterrupted() {
    add(interrupted);
  }

  /** One writer: no atomic add, a torn or lost value is impossible all the same. */
  private static void add(AtomicLong counter) {
    counter.setOpaque(counter.getPlain() + 1);
  }

  ExitCounts snapshot() {
    return new ExitCounts(
        portReads.getOpaque(),
        portWrites.getOpaque(),
        mmioReads.getOpaque(),
        mmioWrites.getOpaque(),
        interrupted.getOpaque());
  }
}
