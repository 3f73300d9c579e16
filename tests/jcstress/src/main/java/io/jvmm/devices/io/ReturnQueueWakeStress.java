package io.jvmm.devices.io;

import io.jvmm.host.EventFd;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A piece that comes while the loop looks after an earlier one: rings, pieces found. */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "found in this turn")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "it rings for another turn")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "found, and a turn for nothing")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "nobody comes for it")
@State
public class ReturnQueueWakeStress {
  private static final EventFd NEVER_RUNG = EventFd.create("jcstress");

  private final ReturnQueue<Integer> queue = new ReturnQueue<>(NEVER_RUNG, 2);

  public ReturnQueueWakeStress() {
    queue.add(0); // the bell was rung for this one
    queue.poll();
  }

  @Actor
  public void giver(II_Result result) {
    result.r1 = queue.add(1) ? 1 : 0;
  }

  @Actor
  public void loop(II_Result result) {
    queue.rearm();
    result.r2 = queue.poll() == null ? 0 : 1;
  }
}
