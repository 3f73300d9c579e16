package io.jvmm.vmm.cli.record;

import io.jvmm.vmm.MachineObserver;
import io.jvmm.vmm.cli.record.BootRecord.Mark;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes down when a machine reaches what.
 *
 * <p>Threads: any; each call is short, and there are few.
 */
public final class BootRecorder implements MachineObserver {
  /** What a guest's init writes to the milestone port when it runs. */
  private static final int INIT_MILESTONE = 1;

  private final long mainNanos;
  private final Runnable onInit;
  private final MachineObserver next;

  // All guarded by this.
  private final EnumMap<Phase, Long> phases = new EnumMap<>(Phase.class);
  private final List<KernelMessage> messages = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private long kernelOffset = Long.MAX_VALUE;

  /**
   * Begins.
   *
   * @param mainNanos when Java code began
   * @param onInit called once on the vCPU's thread when the guest's init runs; must be quick
   * @param next hears of what is no point of the boot
   */
  public BootRecorder(long mainNanos, Runnable onInit, MachineObserver next) {
    this.mainNanos = mainNanos;
    this.onInit = onInit;
    this.next = next;
    phases.put(Phase.MAIN, mainNanos);
  }

  @Override
  public void step(Step step, long nanos) {
    reached(Phase.of(step), nanos);
  }

  /** Something was reached; the first time counts. */
  public synchronized boolean reached(Phase phase, long nanos) {
    return phases.putIfAbsent(phase, nanos) == null;
  }

  @Override
  public void milestone(int number, long nanos) {
    if (number == INIT_MILESTONE && reached(Phase.INIT, nanos)) {
      onInit.run();
    }
  }

  @Override
  public synchronized void consoleLine(String line, long nanos) {
    long stamp = KernelMessage.stampNanos(line);
    if (stamp < 0) {
      return;
    }
    // A line arrives some time after the kernel stamped it, the early ones long after: the console
    // came later than they. The line that was quickest tells best how the two clocks differ.
    kernelOffset = Math.min(kernelOffset, nanos - stamp);
    KernelMessage message = KernelMessage.of(line);
    if (message != null && seen.add(message.label())) {
      messages.add(message);
    }
  }

  @Override
  public void consoleLost(String why) {
    next.consoleLost(why);
  }

  @Override
  public void diskNews(String line) {
    next.diskNews(line);
  }

  /** All that was taken down so far. When it began is found out here, not while it ran. */
  public synchronized BootRecord record() {
    ExecTime exec = ExecTime.find(mainNanos);
    EnumMap<Phase, Long> relative = new EnumMap<>(Phase.class);
    relative.put(Phase.EXEC, 0L);
    phases.forEach((phase, nanos) -> relative.put(phase, nanos - exec.nanos()));
    long firstRun = phases.getOrDefault(Phase.FIRST_RUN, exec.nanos());
    List<Mark> marks = new ArrayList<>();
    for (KernelMessage message : messages) {
      long nanos = Math.max(firstRun, message.stampNanos() + kernelOffset);
      marks.add(new Mark(message.label(), nanos - exec.nanos()));
    }
    marks.sort(Comparator.comparingLong(Mark::nanos));
    return new BootRecord(exec.source(), relative, List.copyOf(marks));
  }
}
