package io.jvmm.devices.queue;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.virtio.QueueSet;
import java.util.ArrayList;
import java.util.List;

/**
 * The queues of one device, served on one {@link IoLoop}: the way from {@code activate} on a vCPU
 * to the loop and, at {@code reset}, back. A driver that breaks one queue has all of them stopped
 * until it resets the device.
 *
 * <p>Threads: {@link #activate} and {@link #reset} for vCPUs and the owner, in turn; {@link #add}
 * before them; the rest on the loop.
 */
public final class ServedQueues {
  private final IoLoop loop;
  private final SessionListener listener;
  private final List<ServedQueue> queues = new ArrayList<>();
  private boolean active;

  /** What a device wants to know of its driver's coming and going; on the loop's thread. */
  public interface SessionListener {
    /** Hears nothing. */
    SessionListener NONE = new SessionListener() {};

    /** The driver is ready; no queue was looked at yet. */
    default void started(CallState state, QueueSet set) {}

    /** No queue is served any more, and chains that were kept are the driver's again. */
    default void stopped() {}
  }

  /**
   * No queues yet.
   *
   * @param loop stays the caller's, who closes it after the device
   */
  public ServedQueues(IoLoop loop, SessionListener listener) {
    this.loop = loop;
    this.listener = listener;
  }

  /**
   * One more queue, whose index is how many there were before.
   *
   * @param chainsPerTurn after so many others on the loop get their turn
   */
  public ServedQueue add(ChainHandler handler, int chainsPerTurn) {
    ServedQueue queue = new ServedQueue(this, handler, chainsPerTurn);
    queues.add(queue);
    return queue;
  }

  /** How many there are. */
  public int count() {
    return queues.size();
  }

  /** The driver is ready: they are served from now on. Waits for nothing. */
  public void activate(QueueSet set) {
    loop.execute(() -> start(set));
  }

  private void start(QueueSet set) {
    CallState state = CallState.current();
    active = true;
    listener.started(state, set);
    for (int i = 0; i < queues.size(); i++) {
      start(state, i, set);
    }
  }

  private void start(CallState state, int index, QueueSet set) {
    ServedQueue queue = queues.get(index);
    EventFd doorbell = queue.start(set, index);
    if (doorbell != null) {
      loop.register(doorbell.fd(), IoLoop.BELL, queue);
      // What came before the doorbell was watched gets a turn, as everything does.
      doorbell.signal(state);
    }
  }

  /** Forgets the queues; the loop hears their doorbells no more. */
  void stop() {
    if (!active) {
      return;
    }
    active = false;
    for (int i = 0; i < queues.size(); i++) {
      stop(i);
    }
    listener.stopped();
  }

  private void stop(int index) {
    EventFd doorbell = queues.get(index).stop();
    if (doorbell != null) {
      loop.unregister(doorbell.fd());
    }
  }

  /**
   * The driver resets the device: when this returns, guest memory is touched no more. Waits for the
   * loop. Does nothing where they are not active.
   */
  public void reset() {
    loop.runAndAwait(this::stop);
  }

  /**
   * The driver resets one queue: when this returns, it is served no more. For devices that keep no
   * chain of it: as {@link io.jvmm.virtio.VirtioDevice#resetQueue} otherwise.
   */
  public void resetQueue(int index) {
    loop.runAndAwait(() -> stop(index));
  }

  /** The driver has made one queue anew. Nothing happens where another is broken by now. */
  public void enableQueue(int index, QueueSet set) {
    loop.execute(
        () -> {
          if (active) {
            start(CallState.current(), index, set);
          }
        });
  }
}
