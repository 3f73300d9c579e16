package io.jvmm.devices.io;

import io.jvmm.host.FutexSemaphore;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A giver that wakes beside a worker that falls asleep: sleepers claimed, pieces found. */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "the worker found the piece")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the worker sleeps and is woken")
@Outcome(
    id = "1, 1",
    expect = Expect.ACCEPTABLE,
    desc = "it found it and waits for the signal owed")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "it sleeps beside a piece for ever")
@State
public class WorkQueueWakeStress {
  private static final FutexSemaphore NEVER_RUNG = new FutexSemaphore();

  private final WorkQueue<Integer> queue = new WorkQueue<>(NEVER_RUNG, 2);

  @Actor
  public void giver(II_Result result) {
    queue.offer(1);
    result.r1 = queue.claimSleepers(1);
  }

  @Actor
  public void worker(II_Result result) {
    result.r2 = queue.doze() ? 0 : 1;
  }
}
