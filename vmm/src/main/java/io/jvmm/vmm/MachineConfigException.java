package io.jvmm.vmm;

/**
 * A machine that cannot be what was asked for: one line that names the setting, the value and the
 * limit. Nothing was started.
 */
public final class MachineConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, in one line. */
  public MachineConfigException(String message) {
    super(message);
  }
}
