package io.jvmm.vmm.cpu;

/**
 * Whether the vCPUs of a machine may run.
 *
 * <p>Threads: vCPU threads look at it before each run; any thread may pause, resume or stop. A stop
 * is for good.
 */
public final class RunGate {
  private enum State {
    RUNNING,
    PAUSED,
    STOPPED
  }

  /** Written under the lock; read without it on the way of each exit. */
  private volatile State state = State.RUNNING;

  private int parked;

  /** Open. */
  public RunGate() {}

  /**
   * Hot where the gate is open: whether to run, after waiting for as long as the machine is paused.
   */
  boolean pass() {
    return state == State.RUNNING || park();
  }

  private synchronized boolean park() {
    parked++;
    notifyAll();
    while (state == State.PAUSED) {
      try {
        wait();
      } catch (InterruptedException e) {
        // A vCPU ends by the gate alone: one that left by itself would be missed by the next pause.
      }
    }
    parked--;
    return state == State.RUNNING;
  }

  /** Closes the gate; the caller kicks every vCPU after it. No effect after a stop. */
  public synchronized void pause() {
    if (state == State.RUNNING) {
      state = State.PAUSED;
    }
  }

  /** Waits until {@code count} vCPUs have seen the pause, or the machine is stopped. */
  public synchronized void awaitParked(int count) throws InterruptedException {
    while (state == State.PAUSED && parked < count) {
      wait();
    }
  }

  /** Opens the gate again. No effect after a stop. */
  public synchronized void resume() {
    if (state == State.PAUSED) {
      state = State.RUNNING;
      notifyAll();
    }
  }

  /** Closes the gate for good; the caller kicks every vCPU after it. */
  public synchronized void stop() {
    state = State.STOPPED;
    notifyAll();
  }
}
