package io.jvmm.devices.io;

import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.host.Fd;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Brings what several threads have done back to the thread of an {@link IoLoop}. The loop is woken
 * by the first piece after it last looked, not by each.
 *
 * <p>No wake-up is lost: a giver fills the queue and then looks whether the bell was rung, the loop
 * marks the bell as not rung and then looks at the queue. One of the two sees the other.
 *
 * <p>Threads: any number give; the loop's thread takes. The owner closes it when it is no longer
 * registered and nobody gives.
 */
public final class ReturnQueue<T> implements AutoCloseable {
  private final MpscAtomicArrayQueue<T> queue;
  private final AtomicBoolean rung = new AtomicBoolean();
  private final EventFd bell;

  /**
   * @param capacity how many pieces fit at least, two or more; givers never have more together
   */
  public ReturnQueue(String role, int capacity) {
    this(EventFd.create(role), capacity);
  }

  ReturnQueue(EventFd bell, int capacity) {
    this.queue = new MpscAtomicArrayQueue<>(capacity);
    this.bell = bell;
  }

  /** For the loop to watch, as {@link IoLoop#BELL}; its handler begins with {@link #rearm}. */
  public Fd fd() {
    return bell.fd();
  }

  /** Hot, giver: hands a piece over and wakes the loop where that is needed. */
  public void put(CallState state, T piece) {
    if (add(piece)) {
      bell.signal(state);
    }
  }

  /** Hands over without waking; true where the loop is to be woken. */
  boolean add(T piece) {
    if (!queue.offer(piece)) {
      throw new IllegalStateException("more pieces than there can be");
    }
    return !rung.getAndSet(true); // a full fence after the offer; pairs with rearm
  }

  /** Hot, loop: from here on a piece wakes the loop again. What came before is there to poll. */
  public void rearm() {
    rung.set(false); // a full fence before the next poll; pairs with add
  }

  /** Hot, loop: the next piece, or null; a giver that is at it wakes the loop afterwards. */
  public @Nullable T poll() {
    return queue.relaxedPoll();
  }

  /** Hot, loop: has the loop come again, for pieces that it left. */
  public void wakeAgain(CallState state) {
    if (!rung.getAndSet(true)) {
      bell.signal(state);
    }
  }

  @Override
  public void close() {
    bell.close();
  }
}
