package io.jvmm.devices.io;

import io.jvmm.host.CallState;
import io.jvmm.host.FutexSemaphore;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.atomic.SpmcAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Hands work from one thread to several workers, who sleep in the kernel where there is none. A
 * batch wakes as many workers as it has pieces and no more, with one system call; none where they
 * are all awake.
 *
 * <p>No wake-up is lost: a worker counts itself among the sleepers and then looks at the queue
 * again, the giver fills the queue and then looks at the sleepers. One of the two sees the other.
 * Whoever takes a sleeper off the count, giver or worker, owns that sleep: a giver that took one
 * signals once for it, and the worker waits for that signal.
 *
 * <p>Threads: one gives ({@link #offer}, {@link #wake}, {@link #stop}); any number take. The owner
 * closes it after all takers have been joined.
 */
public final class WorkQueue<T> implements AutoCloseable {
  private final SpmcAtomicArrayQueue<T> queue;
  private final AtomicInteger sleepers = new AtomicInteger();
  private final FutexSemaphore bell;
  private volatile boolean stopped;

  /**
   * @param capacity how many pieces fit at least, two or more
   */
  public WorkQueue(int capacity) {
    this(new FutexSemaphore(), capacity);
  }

  WorkQueue(FutexSemaphore bell, int capacity) {
    this.queue = new SpmcAtomicArrayQueue<>(capacity);
    this.bell = bell;
  }

  /** Hot, giver: adds a piece of work, false where the queue is full. Wakes nobody yet. */
  public boolean offer(T work) {
    return queue.offer(work);
  }

  /**
   * Hot, giver: wakes sleepers, one for each of {@code pieces} that were offered.
   *
   * @return for how many pieces there was nobody to wake: workers that are at work come to them
   */
  public int wake(CallState state, int pieces) {
    int woken = claimSleepers(pieces);
    if (woken > 0) {
      bell.signal(state, woken);
    }
    return pieces - woken;
  }

  /** Takes up to {@code most} sleepers off the count, each of which is then owed a signal. */
  int claimSleepers(int most) {
    VarHandle.fullFence(); // offer's store before the load of sleepers; pairs with doze's increment
    while (true) {
      int asleep = sleepers.getPlain();
      int claimed = Math.min(asleep, most);
      if (claimed == 0 || sleepers.compareAndSet(asleep, asleep - claimed)) {
        return claimed;
      }
    }
  }

  /** Hot, worker: the next piece of work, or null where there is none at the moment. */
  public @Nullable T poll() {
    return queue.poll();
  }

  /**
   * Hot, worker: waits for a piece of work.
   *
   * @return null when {@link #stop} was called and no work is left
   */
  public @Nullable T take(CallState state) {
    while (true) {
      T work = queue.poll();
      if (work != null || stopped) {
        return work != null ? work : queue.poll();
      }
      // With a piece in its hands a worker must not wait: the signal that it is owed may go to
      // another, who then finds nothing, and the piece would lie until the next batch.
      if ((doze() && !stopped) || !rouse()) {
        bell.awaitOne(state); // where it was found asleep, the giver owes it a signal
      }
    }
  }

  /** Counts the worker as a sleeper and looks again; answers whether there is still nothing. */
  boolean doze() {
    sleepers.incrementAndGet(); // a full fence; pairs with claimSleepers
    return queue.isEmpty();
  }

  /** Takes the worker off the sleepers, false where the giver has done so already. */
  boolean rouse() {
    while (true) {
      int asleep = sleepers.get();
      if (asleep == 0) {
        return false;
      }
      if (sleepers.compareAndSet(asleep, asleep - 1)) {
        return true;
      }
    }
  }

  /**
   * Giver: workers finish what is in the queue, and then get null.
   *
   * @param workers how many there are
   */
  public void stop(CallState state, int workers) {
    stopped = true;
    if (workers > 0) {
      bell.signal(state, workers); // one for each, whether it sleeps, will, or neither
    }
  }

  @Override
  public void close() {
    bell.close();
  }
}
