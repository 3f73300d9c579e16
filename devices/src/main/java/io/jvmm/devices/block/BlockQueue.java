package io.jvmm.devices.block;

import io.jvmm.devices.io.IoHandler;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.DeviceNotifier;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.queue.DescriptorChain;
import io.jvmm.virtio.queue.SplitQueue;
import org.jspecify.annotations.Nullable;

/**
 * One queue of a disk: its ring between an activation and the reset after it, and the request at
 * its head where that has to wait. Whose turn it is decides {@link BlockTurns}.
 *
 * <p>Threads: the device's I/O thread.
 */
final class BlockQueue implements IoHandler {
  /**
   * After so many bytes the driver is told in the midst of a turn: as long as it takes to copy
   * them, two interrupts cost nothing, and the driver can go on meanwhile.
   */
  private static final long BYTES_PER_PUBLISH = 256L << 10;

  private final BlockServer server;
  private final int index;
  private @Nullable Session session;
  private @Nullable BlockRequest held;
  private @Nullable Runnable whenIdle;
  private boolean waiting;
  private long unpublishedBytes;

  /** What there is between an activation and the reset after it. */
  private static final class Session {
    final SplitQueue ring;
    final GuestMemory memory;
    final DeviceNotifier notifier;
    final EventFd doorbell;

    Session(SplitQueue ring, QueueSet set, int index) {
      this.ring = ring;
      this.memory = set.memory();
      this.notifier = set.notifier();
      this.doorbell = set.doorbell(index).event();
    }
  }

  BlockQueue(BlockServer server, int index) {
    this.server = server;
    this.index = index;
  }

  int index() {
    return index;
  }

  /** Watches the doorbell, unless the driver does not use the queue. */
  void start(QueueSet set, IoLoop loop) {
    SplitQueue ring = set.queue(index);
    if (ring == null) {
      return; // a driver may leave a queue alone
    }
    Session started = new Session(ring, set, index);
    session = started;
    loop.register(started.doorbell.fd(), IoLoop.BELL, this);
    // What came before the doorbell was watched gets a turn, as everything does.
    started.doorbell.signal(CallState.current());
  }

  /** Forgets the ring. */
  void stop(IoLoop loop) {
    Session ended = session;
    session = null;
    unpublishedBytes = 0;
    if (ended != null) {
      loop.unregister(ended.doorbell.fd());
    }
  }

  /** The loop no longer hears the doorbell: a driver that rings on costs nothing. */
  void stopListening(IoLoop loop) {
    Session current = session;
    if (current != null) {
      loop.unregister(current.doorbell.fd());
    }
  }

  @Override
  public void ready(CallState state, int events) {
    Session current = session;
    if (current != null) {
      current.ring.stats().countDoorbell();
      server.turn(state, this, current.ring);
    }
  }

  /** The ring, or null where the device has been reset or the driver does not use it. */
  @Nullable SplitQueue ring() {
    Session current = session;
    return current == null ? null : current.ring;
  }

  /** Has the loop call again in another turn, after the others. */
  void goOnLater(CallState state) {
    Session current = session;
    if (current != null) {
      current.doorbell.signal(state);
    }
  }

  /** Hot: reads the chain that was polled; false where it breaks the ring. */
  boolean parse(DescriptorChain chain, BlockRequest request) {
    Session current = session;
    if (current == null) {
      return false;
    }
    request.setQueue(this);
    request.parse(chain, current.memory);
    if (!chain.isBroken() && !request.hasStatus()) {
      current.ring.fail("a block request has no room for its status");
    }
    return !chain.isBroken();
  }

  /** Hot: as {@link BlockOperations#begin}. */
  int begin(CallState state, BlockOperations operations, BlockRequest request) {
    Session current = session;
    return current == null ? BlockBackend.DONE : operations.begin(state, current.memory, request);
  }

  /**
   * Hot: puts the answer into the ring, for the driver to see with the next {@link #publish}.
   * Forgotten where the device has been reset.
   */
  void answer(CallState state, BlockRequest request, byte status) {
    Session current = session;
    if (current == null) {
      return;
    }
    long moved = BlockOperations.moved(request, status);
    request.setStatus(current.memory, status);
    current.ring.push(request.head(), BlockOperations.filled(request, status) + 1);
    current.ring.stats().countBytes(moved);
    if (status != BlockRequest.VIRTIO_BLK_S_OK) {
      current.ring.stats().countError();
    }
    unpublishedBytes += moved;
    if (unpublishedBytes >= BYTES_PER_PUBLISH) {
      publish(state);
    }
  }

  /** Hot: shows the driver what was answered, with one interrupt at most. */
  void publish(CallState state) {
    unpublishedBytes = 0;
    Session current = session;
    if (current != null && current.ring.publish()) {
      current.notifier.usedBuffers(state, index);
    }
  }

  /** Tells the driver that it broke the ring. */
  void tellBroken(CallState state) {
    Session current = session;
    if (current != null) {
      String reason = current.ring.brokenReason();
      current.notifier.needsReset(state, reason == null ? "the queue is broken" : reason);
    }
  }

  /** The request that waits for its time, or null. */
  @Nullable BlockRequest held() {
    return held;
  }

  void setHeld(@Nullable BlockRequest request) {
    held = request;
  }

  /** Whom to tell that no operation is pending any more, or null. */
  @Nullable Runnable whenIdle() {
    return whenIdle;
  }

  void setWhenIdle(@Nullable Runnable stopped) {
    whenIdle = stopped;
  }

  /** Whether it is one of {@link WaitingQueues}. */
  boolean isWaiting() {
    return waiting;
  }

  void setWaiting(boolean value) {
    waiting = value;
  }
}
