package io.jvmm.devices.queue;

import io.jvmm.devices.io.IoHandler;
import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.DeviceNotifier;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.queue.SplitQueue;
import org.jspecify.annotations.Nullable;

/**
 * One queue of a device on its I/O thread: takes what the driver offers, a share a turn, and
 * answers it.
 *
 * <p>Threads: the device's I/O thread.
 */
public final class ServedQueue implements IoHandler {
  private final ServedQueues device;
  private final ChainHandler handler;
  private final int chainsPerTurn;
  private @Nullable Session session;

  /** What there is between an activation and the reset after it. */
  private static final class Session {
    final SplitQueue queue;
    final GuestMemory memory;
    final DeviceNotifier notifier;
    final EventFd doorbell;
    final int index;

    Session(SplitQueue queue, QueueSet set, int index) {
      this.queue = queue;
      this.memory = set.memory();
      this.notifier = set.notifier();
      this.doorbell = set.doorbell(index).event();
      this.index = index;
    }
  }

  ServedQueue(ServedQueues device, ChainHandler handler, int chainsPerTurn) {
    this.device = device;
    this.handler = handler;
    this.chainsPerTurn = chainsPerTurn;
  }

  /** Answers the doorbell to watch, or null where the driver does not use the queue. */
  @Nullable EventFd start(QueueSet set, int index) {
    SplitQueue queue = set.queue(index);
    if (queue == null) {
      return null;
    }
    Session started = new Session(queue, set, index);
    session = started;
    return started.doorbell;
  }

  /** Answers the doorbell that was watched, or null. */
  @Nullable EventFd stop() {
    Session ended = session;
    session = null;
    return ended == null ? null : ended.doorbell;
  }

  @Override
  public void ready(CallState state, int events) {
    Session current = session;
    if (current != null) {
      current.queue.stats().countDoorbell();
      serve(state, current);
    }
  }

  /** Hot: takes chains that were left alone while {@link ChainHandler#isReady} said no. */
  public void resume(CallState state) {
    Session current = session;
    if (current != null) {
      serve(state, current);
    }
  }

  private void serve(CallState state, Session current) {
    SplitQueue queue = current.queue;
    int left = chainsPerTurn;
    int polled = SplitQueue.EMPTY;
    do {
      queue.disarm();
      while (left > 0 && handler.isReady() && (polled = queue.poll()) == SplitQueue.CHAIN) {
        int head = queue.chain().head();
        long written = handler.serve(state, current.memory, queue.chain());
        if (session != current) {
          return; // another queue was found broken meanwhile, and the device has stopped
        }
        if (queue.brokenReason() != null) {
          polled = SplitQueue.BROKEN;
          break;
        }
        if (written != ChainHandler.KEPT) {
          queue.push(head, written);
        }
        left--;
      }
      if (polled == SplitQueue.BROKEN) {
        giveUp(state, current);
        return;
      }
      if (left == 0) {
        current.doorbell.signal(state); // to go on in another turn
        break;
      }
      if (!handler.isReady()) {
        break; // resume() goes on
      }
    } while (queue.rearm());
    publish(state, current);
  }

  private static void publish(CallState state, Session current) {
    if (current.queue.publish()) {
      current.notifier.usedBuffers(state, current.index);
    }
  }

  private void giveUp(CallState state, Session current) {
    String reason = current.queue.brokenReason();
    device.stop();
    current.notifier.needsReset(state, reason == null ? "the queue is broken" : reason);
  }

  /** Hot: for {@link ChainHandler#serve}: whether another chain waits behind this one. */
  public boolean knowsOfMore() {
    Session current = session;
    return current != null && current.queue.knowsOfMore();
  }

  /**
   * Hot: as {@link #complete}, but the driver sees it with the next {@link #resume}.
   *
   * @param head from its {@link io.jvmm.virtio.queue.DescriptorChain#head}
   * @param written how many bytes of its writable buffers were filled
   */
  public void answer(int head, long written) {
    Session current = session;
    if (current != null) {
      current.queue.push(head, written);
    }
  }

  /**
   * Hot: answers a chain that was kept. Does nothing where the driver has reset the device since.
   *
   * @param head from its {@link io.jvmm.virtio.queue.DescriptorChain#head}
   * @param written how many bytes of its writable buffers were filled
   */
  public void complete(CallState state, int head, long written) {
    Session current = session;
    if (current != null) {
      current.queue.push(head, written);
      publish(state, current);
    }
  }
}
