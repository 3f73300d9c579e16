package io.jvmm.vmm;

/**
 * This host cannot run a machine: no KVM, no permission, or a capability is missing. The text says
 * what to do about it.
 */
public final class KvmUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A host that cannot, in one line. */
  public KvmUnavailableException(String message) {
    super(message);
  }
}
