package io.jvmm.vmm;

/**
 * How a machine ended.
 *
 * @param cause the kind
 * @param detail one line or, for {@link Cause#FAILED} and {@link Cause#CRASHED}, a report of
 *     several; empty where the cause says it all
 */
public record MachineEnd(Cause cause, String detail) {
  /** The kinds of end. */
  public enum Cause {
    /** The guest turned its machine off. */
    POWERED_OFF,
    /** The guest reset its machine; a microVM ends there. */
    REBOOTED,
    /** The guest's kernel panicked and said so. */
    PANICKED,
    /** The guest shut its CPU down by a triple fault. */
    CRASHED,
    /** The machine's owner stopped it. */
    STOPPED,
    /** KVM or jvmm could not go on. */
    FAILED
  }
}
