package io.jvmm.vmm.cli;

import io.jvmm.vmm.MachineEnd;

/** What the process tells its caller when it ends: the only place that knows the numbers. */
final class ExitStatus {
  /** The guest turned its machine off or rebooted, or the user left with Ctrl-A x. */
  static final int OK = 0;

  /** The guest's kernel panicked, or its CPU shut down. */
  static final int GUEST_CRASHED = 1;

  /** {@code jvmm control}: the machine was asked and refused. */
  static final int REFUSED = 1;

  /** An option, a configuration or a file that was named cannot be used; nothing was started. */
  static final int BAD_INPUT = 2;

  /**
   * No KVM, no permission, a capability or memory is missing; {@code jvmm control}: nobody answers.
   */
  static final int HOST_CANNOT = 3;

  /** A bug of jvmm, or KVM could not go on. */
  static final int INTERNAL_ERROR = 4;

  private ExitStatus() {}

  /** The status for a guest's end. */
  static int of(MachineEnd.Cause cause) {
    return switch (cause) {
      case POWERED_OFF, REBOOTED, STOPPED -> OK;
      case PANICKED, CRASHED -> GUEST_CRASHED;
      case FAILED -> INTERNAL_ERROR;
    };
  }
}
