package io.jvmm.vmm;

import org.jspecify.annotations.Nullable;

/**
 * How a machine ended.
 *
 * @param cause the kind
 * @param detail one line or, for {@link Cause#FAILED} and {@link Cause#CRASHED}, a report of
 *     several; empty where the cause says it all
 * @param bug what was thrown, where jvmm itself failed
 */
public record MachineEnd(Cause cause, String detail, @Nullable Throwable bug) {
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
