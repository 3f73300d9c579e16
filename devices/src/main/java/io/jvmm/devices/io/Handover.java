package io.jvmm.devices.io;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** An action that one thread runs and another waits for, with what it threw. */
final class Handover implements Runnable {
  private final Runnable action;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable Throwable failure;

  Handover(Runnable action) {
    this.action = action;
  }

  @Override
  public void run() {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      done.countDown();
    }
  }

  /** Waits for the action, interrupted or not, and throws what it threw. */
  void await() {
    await(done);
    Throwable thrown = failure;
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
  }

  /** Waits, interrupted or not; an interrupt is kept for whoever asks next. */
  static void await(CountDownLatch done) {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
