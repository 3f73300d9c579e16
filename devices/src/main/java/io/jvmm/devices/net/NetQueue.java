package io.jvmm.devices.net;

import io.jvmm.devices.io.IoHandler;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.queue.SplitQueue;
import org.jspecify.annotations.Nullable;

/**
 * One queue of the device on its I/O thread: when it gets a turn, and what comes after one.
 *
 * <p>Threads: the device's I/O thread.
 */
abstract class NetQueue implements IoHandler {
  /** Hears that the driver has broken a queue. */
  @FunctionalInterface
  interface BrokenListener {
    void broken(CallState state, NetSession session);
  }

  private final IoLoop loop;
  private final BrokenListener listener;
  private final IoHandler later = this::takeTurn;
  private @Nullable NetSession session;
  private boolean isTurnToCome;

  NetQueue(IoLoop loop, BrokenListener listener) {
    this.loop = loop;
    this.listener = listener;
  }

  /** Serves the queue of that index, where the driver uses it. */
  final void start(CallState state, QueueSet set, int index) {
    SplitQueue ring = set.queue(index);
    if (ring == null) {
      return;
    }
    NetSession started = new NetSession(ring, set, index);
    session = started;
    started(set);
    loop.register(started.doorbell().fd(), IoLoop.BELL, this);
    // What came before the doorbell was watched gets a turn, as everything does.
    started.doorbell().signal(state);
  }

  /** Serves it no more; what was kept of it is the driver's again. */
  final void stop(CallState state) {
    NetSession ended = session;
    if (ended == null) {
      return;
    }
    session = null;
    stopped(state);
    loop.unregister(ended.doorbell().fd());
  }

  /** Whether this is the queue that the driver calls so. */
  final boolean isServing(int index) {
    NetSession current = session;
    return current != null && current.index() == index;
  }

  @Override
  public final void ready(CallState state, int events) {
    NetSession current = session;
    if (current != null) {
      current.ring().stats().countDoorbell();
      serve(state);
    }
  }

  private void takeTurn(CallState state, int events) {
    isTurnToCome = false;
    serve(state);
  }

  /** Hot: has another turn after the others on the loop have had theirs. */
  final void goOnLater() {
    if (!isTurnToCome) {
      isTurnToCome = true;
      loop.defer(later);
    }
  }

  /** Hot: gives it a turn now, where the driver uses it. */
  final void serve(CallState state) {
    NetSession current = session;
    if (current == null) {
      return;
    }
    serve(state, current);
    if (current.ring().brokenReason() != null) {
      listener.broken(state, current);
    } else {
      current.publish(state);
    }
  }

  /** Hot: one turn, a bounded amount of work; what is pushed is published after it. */
  abstract void serve(CallState state, NetSession current);

  /** A driver begins. */
  void started(QueueSet set) {}

  /** It is gone, and its memory must not be touched again. */
  void stopped(CallState state) {}
}
