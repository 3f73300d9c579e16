package io.jvmm.devices.io;

import io.jvmm.host.CallState;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * Threads that do what would block an {@link IoLoop}, and the two queues between them and it. A
 * thread is started when there is work and everybody who is there is busy, up to a bound; it then
 * stays.
 *
 * <p>Threads: the I/O thread, but for {@link Worker}, of which each thread has its own.
 *
 * @param <T> a piece of work, which comes back when it is done
 */
public final class Crew<T> implements AutoCloseable {
  /**
   * What one thread does.
   *
   * @param <T> a piece of work
   */
  public interface Worker<T> {
    /** Does it, and leaves its result in it. */
    void perform(CallState state, T piece);

    /** {@link #perform} threw, a mistake of ours: leaves a result that says so. */
    void fail(T piece);
  }

  private final IoLoop loop;
  private final Supplier<Worker<T>> workers;
  private final WorkQueue<T> work;
  private final ReturnQueue<T> done;
  private final Thread[] threads;
  private int started;

  /**
   * Nobody yet.
   *
   * @param name whose work it is, for the roles of descriptors
   * @param piecesMax the most pieces that are given and not back
   * @param workers makes what a new thread does; called on that thread
   * @throws io.jvmm.host.SyscallException where the host has no descriptor left
   */
  public Crew(
      String name, IoLoop loop, int threadsMax, int piecesMax, Supplier<Worker<T>> workers) {
    this.loop = loop;
    this.workers = workers;
    this.threads = new Thread[threadsMax];
    this.work = new WorkQueue<>(piecesMax);
    try {
      this.done = new ReturnQueue<>("done for " + name, piecesMax);
    } catch (RuntimeException e) {
      work.close();
      throw e;
    }
  }

  /** What workers have done; its bell is to be watched. */
  public ReturnQueue<T> done() {
    return done;
  }

  /** Hot: hands an piece over; workers hear of it with {@link #wake}. */
  public void give(T piece) {
    if (!work.offer(piece)) {
      throw new IllegalStateException("more pieces than there can be");
    }
  }

  /** Hot: sees to it that somebody comes to the pieces that were given. */
  public void wake(CallState state, int pieces) {
    int unattended = work.wake(state, pieces);
    while (unattended > 0 && started < threads.length && startOne()) {
      unattended--;
    }
  }

  /**
   * Whether there is a worker, if need be a new one.
   *
   * @return false where the host has no thread left
   */
  public boolean isManned() {
    return started > 0 || startOne();
  }

  private boolean startOne() {
    Thread thread = new Thread(this::work, loop + " worker-" + started);
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError noThread) {
      return false; // those that are there go on
    }
    threads[started++] = thread;
    return true;
  }

  private void work() {
    CallState state = CallState.current();
    Worker<T> worker = workers.get();
    T piece;
    while ((piece = work.take(state)) != null) {
      try {
        worker.perform(state, piece);
      } catch (RuntimeException | Error e) {
        worker.fail(piece);
        report(e);
      }
      done.put(state, piece);
    }
  }

  /** A mistake of ours: the loop tells it to whoever listens, the guest gets an answer. */
  private void report(Throwable mistake) {
    try {
      loop.execute(
          () -> {
            if (mistake instanceof Error e) {
              throw e;
            }
            throw (RuntimeException) mistake;
          });
    } catch (RejectedExecutionException e) {
      // Nobody listens any more.
    }
  }

  /** Ends the threads, which have nothing to do any more. */
  @Override
  public void close() {
    work.stop(CallState.current(), started);
    boolean interrupted = false;
    for (int i = 0; i < started; i++) {
      while (true) {
        try {
          threads[i].join();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    done.close();
    work.close();
  }
}
