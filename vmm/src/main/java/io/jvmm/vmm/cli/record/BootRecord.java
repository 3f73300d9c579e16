package io.jvmm.vmm.cli.record;

import java.util.EnumMap;
import java.util.List;

/**
 * A whole boot, looked at afterwards.
 *
 * @param execSource who says when it began
 * @param phases when each was reached, in nanoseconds after exec; those never reached are missing
 * @param messages marks that the guest's kernel left on its console, in order of time
 */
public record BootRecord(
    ExecTime.Source execSource, EnumMap<Phase, Long> phases, List<Mark> messages) {
  /**
   * A point in time.
   *
   * @param label what has been reached
   * @param nanos after exec
   */
  public record Mark(String label, long nanos) {}

  /** Whether a phase was reached. */
  public boolean has(Phase phase) {
    return phases.containsKey(phase);
  }

  /** When a phase was reached, in nanoseconds after exec; 0 where it was not. */
  public long nanos(Phase phase) {
    return phases.getOrDefault(phase, 0L);
  }
}
