package io.jvmm.vmm.cpu;

import org.jspecify.annotations.Nullable;

/**
 * What a vCPU tells its machine.
 *
 * <p>Threads: called on the vCPU's thread.
 */
public interface VcpuEvents {
  /** The next thing this vCPU does is its first {@code KVM_RUN}. */
  void firstRun(int vcpu);

  /** The guest shut its CPU down: a triple fault. */
  void shutDown(int vcpu, String report);

  /**
   * KVM cannot go on with this vCPU, or jvmm has a bug.
   *
   * @param report all there is to know of the vCPU
   * @param bug what was thrown, where it was jvmm
   */
  void failed(int vcpu, String report, @Nullable Throwable bug);
}
