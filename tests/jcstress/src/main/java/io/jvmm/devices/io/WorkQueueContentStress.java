package io.jvmm.devices.io;

import io.jvmm.host.FutexSemaphore;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A worker beside a giver, and one afterwards: what each sees of a plain field of the piece; -1 is
 * no piece. (With more actors than two it would not run on two processors.)
 */
@JCStressTest
@Outcome(
    id = {"-1, -1", "1, -1", "-1, 1"},
    expect = Expect.ACCEPTABLE,
    desc = "one at most, whole")
@Outcome(expect = Expect.FORBIDDEN, desc = "a piece lost, taken twice, or seen half made")
@State
public class WorkQueueContentStress {
  private static final FutexSemaphore NEVER_RUNG = new FutexSemaphore();

  private final WorkQueue<int[]> queue = new WorkQueue<>(NEVER_RUNG, 2);
  private final int[] piece = new int[1];

  @Actor
  public void giver() {
    piece[0] = 1;
    queue.offer(piece);
  }

  @Actor
  public void one(II_Result result) {
    result.r1 = seen();
  }

  @Arbiter
  public void other(II_Result result) {
    result.r2 = seen();
  }

  private int seen() {
    int[] taken = queue.poll();
    return taken == null ? -1 : taken[0];
  }
}
