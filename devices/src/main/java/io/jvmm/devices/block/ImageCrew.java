package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.ReturnQueue;
import io.jvmm.devices.io.WorkQueue;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that work an image, and the two queues between them and the I/O thread. A thread is
 * started when there is work and everybody who is there is busy, up to a bound; it then stays.
 *
 * <p>Threads: the I/O thread, but for {@link #work}, which is what each worker does.
 */
final class ImageCrew implements AutoCloseable {
  private final DiskImage image;
  private final IoLoop loop;
  private final WorkQueue<ImageOperation> work;
  private final ReturnQueue<ImageOperation> done;
  private final Thread[] threads;
  private int started;
  private final AtomicInteger era = new AtomicInteger();

  ImageCrew(DiskImage image, IoLoop loop, int threadsMax, int operationsMax) {
    this.image = image;
    this.loop = loop;
    this.threads = new Thread[threadsMax];
    this.work = new WorkQueue<>("work for " + image.name(), operationsMax);
    try {
      this.done = new ReturnQueue<>("done for " + image.name(), operationsMax);
    } catch (RuntimeException e) {
      work.close();
      throw e;
    }
  }

  /** What workers have done; its bell is to be watched. */
  ReturnQueue<ImageOperation> done() {
    return done;
  }

  /** The count of cancellations. */
  int era() {
    return era.get();
  }

  /** Hot: hands an operation over; workers hear of it with {@link #wake}. */
  void give(ImageOperation operation) {
    if (!work.offer(operation)) {
      throw new IllegalStateException("more operations than there can be");
    }
  }

  /** Hot: sees to it that somebody comes to the operations that were given. */
  void wake(CallState state, int operations) {
    int unattended = work.wake(state, operations);
    while (unattended > 0 && started < threads.length && startOne()) {
      unattended--;
    }
  }

  /**
   * Whether there is a worker, if need be a new one.
   *
   * @return false where the host has no thread left
   */
  boolean isManned() {
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

  /** What was given and nobody has begun ends with ECANCELED. */
  void cancel() {
    era.incrementAndGet();
  }

  private void work() {
    CallState state = CallState.current();
    ImageOperation operation;
    while ((operation = work.take(state)) != null) {
      operation.setResult(result(state, operation));
      done.put(state, operation);
    }
  }

  private int result(CallState state, ImageOperation operation) {
    if (operation.era() != era.get()) {
      return -Errno.ECANCELED;
    }
    try {
      return operation.perform(state, image);
    } catch (RuntimeException | Error e) {
      report(e);
      return -Errno.EIO;
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
