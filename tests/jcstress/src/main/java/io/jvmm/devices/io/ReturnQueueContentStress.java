package io.jvmm.devices.io;

import io.jvmm.host.EventFd;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A giver beside the loop: the sum of plain fields seen, and with what is left afterwards. */
@JCStressTest
@Outcome(
    id = {"0, 3", "1, 3", "3, 3"},
    expect = Expect.ACCEPTABLE,
    desc = "whole pieces")
@Outcome(expect = Expect.FORBIDDEN, desc = "a piece lost, or seen half made")
@State
public class ReturnQueueContentStress {
  private static final EventFd NEVER_RUNG = EventFd.create("jcstress");

  private final ReturnQueue<int[]> queue = new ReturnQueue<>(NEVER_RUNG, 2);
  private final int[] first = new int[1];
  private final int[] second = new int[1];

  @Actor
  public void giver() {
    first[0] = 1;
    queue.add(first);
    second[0] = 2;
    queue.add(second);
  }

  @Actor
  public void loop(II_Result result) {
    queue.rearm();
    result.r1 = sum();
  }

  @Arbiter
  public void afterwards(II_Result result) {
    result.r2 = result.r1 + sum();
  }

  private int sum() {
    int sum = 0;
    int[] piece;
    while ((piece = queue.poll()) != null) {
      sum += piece[0];
    }
    return sum;
  }
}
