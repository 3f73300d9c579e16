package io.jvmm.devices.net;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.Throttle;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.queue.DescriptorChain;
import io.jvmm.virtio.queue.SplitQueue;
import org.jspecify.annotations.Nullable;

/**
 * From the driver to the backend: one chain a frame (virtio 1.2, 5.1.6.2), straight out of guest
 * memory. What is in a frame's header is the host's network to judge, which takes nothing of it on
 * trust.
 *
 * <p>A frame that the backend has no room for is kept, and no other is taken, until there is: a tap
 * never does that (its queue drops), a stream's other side may let the guest's network wait, and
 * nothing else.
 *
 * <p>Threads: the device's I/O thread.
 */
final class TransmitQueue extends NetQueue implements AutoCloseable {
  /** After so many frames others on the loop get their turn. */
  private static final int FRAMES_PER_TURN = 64;

  /**
   * And after so many bytes: the host's network has a gigabyte a second through in a millisecond.
   */
  private static final long BYTES_PER_TURN = 1L << 20;

  /** A frame is no shorter than an Ethernet header. */
  private static final int FRAME_MIN = 14;

  private final NetBackend backend;
  private final LinkState link;
  private final NetStats stats;
  private final @Nullable Throttle throttle;
  private final int pair;
  private final IovecArray chain = new IovecArray(IovecArray.IOV_MAX);

  /** Of a backend that has no header: the chain without it. */
  private final IovecArray bare = new IovecArray(IovecArray.IOV_MAX);

  private boolean isKept;
  private boolean isBlocked;
  private int keptHead;

  /** The frame in hand was let through: it is not asked for again. */
  private boolean isPaidFor;

  TransmitQueue(
      IoLoop loop,
      BrokenListener listener,
      NetBackend backend,
      int pair,
      LinkState link,
      @Nullable Throttle throttle,
      NetStats stats) {
    super(loop, listener);
    this.backend = backend;
    this.pair = pair;
    this.link = link;
    this.throttle = throttle;
    this.stats = stats;
  }

  @Override
  void stopped(CallState state) {
    isKept = false;
    isBlocked = false;
    isPaidFor = false;
    backend.forget(state, pair);
  }

  /** Hot: there is room again. */
  void sendable(CallState state) {
    if (isBlocked) {
      isBlocked = false;
      serve(state);
    }
  }

  /**
   * What it keeps is lost, and the driver's again; in a turn of its own, since whoever finds that
   * the wire is gone may be in the midst of one, and a queue that breaks ends all of them.
   */
  void gone() {
    isBlocked = false;
    goOnLater();
  }

  @Override
  void serve(CallState state, NetSession current) {
    SplitQueue ring = current.ring();
    int frames = FRAMES_PER_TURN;
    long bytes = BYTES_PER_TURN;
    long unpublished = 0;
    if (isKept) {
      if (isBlocked || isShut() || !send(state, ring, keptHead)) {
        return;
      }
      frames--;
    }
    do {
      ring.disarm();
      int polled = SplitQueue.EMPTY;
      while (frames > 0 && bytes > 0 && !isShut() && (polled = ring.poll()) == SplitQueue.CHAIN) {
        frames--;
        if (!take(state, ring)) {
          return; // until there is room, or it is time; or the chain is broken
        }
        bytes -= chain.byteCount();
        unpublished += chain.byteCount();
        if (unpublished >= ReceiveQueue.BYTES_PER_BATCH) {
          unpublished = 0;
          current.publish(state); // TCP in the guest sends on when it sees what has gone
        }
      }
      if (polled == SplitQueue.BROKEN || isShut()) {
        return;
      }
      if (frames < FRAMES_PER_TURN) {
        // More to come, or it was the last for now: in the time of a look at the others the driver
        // has often put in more, which then need not ring: an exit that the guest is spared.
        goOnLater();
        return;
      }
    } while (ring.rearm());
  }

  private boolean isShut() {
    return throttle != null && throttle.isShut();
  }

  /** Takes the next chain; answers whether another may be taken. */
  private boolean take(CallState state, SplitQueue ring) {
    DescriptorChain offered = ring.chain();
    int head = offered.head();
    chain.clear();
    boolean fits = true;
    while (offered.next()) {
      if (!offered.isWritable() && offered.length() > 0) {
        fits &= chain.add(offered.hva(), offered.length());
      }
    }
    if (ring.brokenReason() != null) {
      return false;
    }
    long length = chain.byteCount() - NetHeader.SIZE;
    if (!fits || length < FRAME_MIN || length > NetBackend.FRAME_MAX) {
      stats.malformed.add(1);
      ring.stats().countError();
      ring.push(head, 0);
      return true;
    }
    if (!backend.hasHeader()) {
      bare.clear();
      bare.addFrom(chain, NetHeader.SIZE, length);
    }
    return send(state, ring, head);
  }

  /** Sends what was taken; where it cannot yet, keeps it. */
  private boolean send(CallState state, SplitQueue ring, int head) {
    long length = chain.byteCount() - NetHeader.SIZE;
    if (!link.isUp()) {
      if (isKept) {
        backend.forget(state, pair); // a part of it may be out
      }
      stats.unplugged.add(1);
    } else if (!isPaidFor && throttle != null && !throttle.tryPass(state, length)) {
      return keep(head, false);
    } else {
      isPaidFor = true;
      long n = backend.trySend(state, pair, backend.hasHeader() ? chain : bare);
      if (n == -Errno.EAGAIN) {
        return keep(head, true);
      }
      if (n < 0) {
        // No memory or no interface that is up: it goes the way of frames on a full wire.
        stats.refused.add(1);
        ring.stats().countError();
      } else {
        stats.sent.add(1);
        stats.sentBytes.add(length);
        ring.stats().countBytes(length);
      }
    }
    isKept = false;
    isPaidFor = false;
    ring.push(head, 0);
    return true;
  }

  private boolean keep(int head, boolean blocked) {
    isKept = true;
    isBlocked = blocked;
    keptHead = head;
    return false;
  }

  @Override
  public void close() {
    chain.close();
    bare.close();
  }
}
