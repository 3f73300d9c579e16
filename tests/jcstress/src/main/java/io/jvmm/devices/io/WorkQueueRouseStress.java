package io.jvmm.devices.io;

import io.jvmm.host.FutexSemaphore;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** One sleeper, whom the giver claims and the worker takes back: exactly one of them has it. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "a signal is owed, and waited for")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "no signal is owed")
@Outcome(expect = Expect.FORBIDDEN, desc = "a signal too many, or one that never comes")
@State
public class WorkQueueRouseStress {
  private static final FutexSemaphore NEVER_RUNG = new FutexSemaphore();

  private final WorkQueue<Integer> queue = new WorkQueue<>(NEVER_RUNG, 2);

  public WorkQueueRouseStress() {
    queue.doze();
  }

  @Actor
  public void giver(II_Result result) {
    result.r1 = queue.claimSleepers(1);
  }

  @Actor
  public void worker(II_Result result) {
    result.r2 = queue.rouse() ? 1 : 0;
  }
}
