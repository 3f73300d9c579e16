package io.jvmm.devices.block;

import io.jvmm.devices.io.Throttle;
import io.jvmm.host.CallState;
import io.jvmm.virtio.queue.SplitQueue;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is. A queue gets bounded turns, by its doorbell in the order of the loop, and where
 * chains had to wait for a free request or for their time, in the order of their waiting.
 *
 * <p>Threads: the device's I/O thread.
 */
final class BlockTurns {
  /** After so many chains of a queue others on the loop, a reset above all, get their turn. */
  private static final int CHAINS_PER_TURN = 32;

  /**
   * And after so many bytes of all queues: at a gigabyte a second they are copied in four
   * milliseconds, and going on in another turn costs two system calls, which is nothing beside
   * that. Ranges that are discarded or zeroed are a turn's share whatever their length.
   */
  static final long BYTES_PER_TURN = 4L << 20;

  private final BlockServer server;
  private final RequestPool requests;
  private @Nullable Throttle throttle;
  private final WaitingQueues waiting;

  /** What is left of {@link #BYTES_PER_TURN}. */
  private long bytesLeft;

  BlockTurns(BlockServer server, RequestPool requests, int queues) {
    this.server = server;
    this.requests = requests;
    this.waiting = new WaitingQueues(queues);
  }

  /** From here on the disk has a limit. */
  void setThrottle(Throttle value) {
    throttle = value;
  }

  /** Hot: a doorbell: takes what is there, but not before those that wait. */
  void turn(CallState state, BlockQueue queue, SplitQueue ring) {
    if (waiting.count() == 0 && canBegin()) {
      bytesLeft = BYTES_PER_TURN;
      serve(state, queue, ring);
      server.endTurn(state);
    } else {
      waiting.add(queue);
      resume(state);
    }
  }

  private boolean isShut() {
    return throttle != null && throttle.isShut();
  }

  private boolean canBegin() {
    return requests.hasFree() && !isShut();
  }

  private void serve(CallState state, BlockQueue queue, SplitQueue ring) {
    int chainsLeft = CHAINS_PER_TURN;
    BlockRequest held = queue.held();
    if (held != null) {
      long share = share(held);
      if (!server.tryBeginHeld(state, queue, held)) {
        waiting.putBack(queue);
        return;
      }
      chainsLeft--;
      bytesLeft -= share;
      if (waiting.count() > 0) {
        waiting.add(queue); // what time lets through is shared out one by one
        return;
      }
    }
    do {
      ring.disarm();
      int polled = SplitQueue.EMPTY;
      while (chainsLeft > 0
          && bytesLeft > 0
          && canBegin()
          && (polled = ring.poll()) == SplitQueue.CHAIN) {
        BlockRequest request = requests.take();
        if (!queue.parse(ring.chain(), request)) {
          requests.release(request);
          polled = SplitQueue.BROKEN;
          break;
        }
        chainsLeft--;
        bytesLeft -= share(request);
        server.take(state, queue, request);
      }
      if (polled == SplitQueue.BROKEN) {
        server.stopServing(state, queue);
        return;
      }
      if (!canBegin()) {
        waiting.add(queue); // goes on when one ends, or when it is time
        return;
      }
      if (chainsLeft == 0 || bytesLeft <= 0) {
        queue.goOnLater(state);
        return;
      }
    } while (ring.rearm());
  }

  /** A request's part of a turn. */
  private static long share(BlockRequest request) {
    return switch (request.type()) {
      case BlockRequest.VIRTIO_BLK_T_DISCARD, BlockRequest.VIRTIO_BLK_T_WRITE_ZEROES ->
          BYTES_PER_TURN;
      default -> request.dataLength();
    };
  }

  /** The queue does not wait any more: it hears nothing, and would keep those behind it. */
  void forget(BlockQueue queue) {
    waiting.remove(queue);
  }

  /** Nobody waits any more. */
  void clear() {
    waiting.clear();
  }

  /** Gives a turn to each queue that waits, as long as something can begin and is not too much. */
  void resume(CallState state) {
    bytesLeft = BYTES_PER_TURN;
    int left = waiting.count();
    while (left > 0 && bytesLeft > 0 && findServable()) {
      BlockQueue queue = waiting.remove();
      SplitQueue ring = queue.ring();
      if (ring != null) {
        serve(state, queue, ring);
      }
      left--;
    }
    if (findServable()) {
      waiting.first().goOnLater(state);
    }
    server.endTurn(state);
  }

  /**
   * Brings a queue that can go on to the front, where there is one: the first, or without a free
   * request the first that holds one.
   */
  private boolean findServable() {
    if (isShut()) {
      return false;
    }
    for (int left = waiting.count(); left > 0; left--) {
      if (requests.hasFree() || waiting.first().held() != null) {
        return true;
      }
      waiting.add(waiting.remove());
    }
    return false;
  }
}
