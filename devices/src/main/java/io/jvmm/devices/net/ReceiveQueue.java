package io.jvmm.devices.net;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.Throttle;
import io.jvmm.host.CallState;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.queue.SplitQueue;
import org.jspecify.annotations.Nullable;

/**
 * From the backend to the driver (virtio 1.2, 5.1.6.4): one call reads a frame straight into the
 * driver's buffers, over as many chains as it fills where those may be merged.
 *
 * <p>Nothing is read while the driver has no buffer at all: frames stay on the host's side, which
 * drops and counts what is too much, and no turn is spent on them until the driver rings.
 *
 * <p>Threads: the device's I/O thread.
 */
final class ReceiveQueue extends NetQueue implements AutoCloseable {
  /** After so many frames others on the loop get their turn. */
  private static final int FRAMES_PER_TURN = 64;

  /** And after so many bytes, as {@link TransmitQueue} says. */
  private static final long BYTES_PER_TURN = 1L << 20;

  /**
   * After so many bytes the driver is shown what has come, in the midst of a turn: it works on them
   * while the next ones are read. A driver that is at it has asked for no interrupts.
   */
  static final long BYTES_PER_BATCH = 32 << 10;

  /** Header and Ethernet header. */
  private static final int LENGTH_MIN = NetHeader.SIZE + 14;

  private static final long NONE = 0;

  private final NetBackend backend;
  private final int pair;
  private final LinkState link;
  private final ReceiveFilter filter;
  private final @Nullable Throttle throttle;
  private final NetStats stats;
  private final ReceiveBuffers buffers = new ReceiveBuffers();

  /** How many chains are taken ahead: one where frames are not to be cut. */
  private int chainsMax;

  private boolean isMergeable;

  /** There may be something: until the backend says that there is nothing. */
  private boolean isReceivable = true;

  private boolean isMidFrame;

  /** Length of a frame that was read and has not been given to the driver, or {@link #NONE}. */
  private long held;

  /** How much of that could be read into the driver's buffers. */
  private long roomWhenRead;

  /** Bytes that the driver has not been shown in this turn. */
  private long unpublished;

  ReceiveQueue(
      IoLoop loop,
      BrokenListener listener,
      NetBackend backend,
      int pair,
      LinkState link,
      ReceiveFilter filter,
      @Nullable Throttle throttle,
      NetStats stats) {
    super(loop, listener);
    this.backend = backend;
    this.pair = pair;
    this.link = link;
    this.filter = filter;
    this.throttle = throttle;
    this.stats = stats;
  }

  @Override
  void started(QueueSet set) {
    isMergeable = set.has(NetFeatures.VIRTIO_NET_F_MRG_RXBUF);
    chainsMax = isMergeable ? ReceiveBuffers.BUFFERS_MAX : 1;
  }

  @Override
  void stopped(CallState state) {
    held = NONE;
    isMidFrame = false;
    buffers.clear();
    backend.forget(state, pair);
  }

  /** Hot: there is something. */
  void receivable(CallState state) {
    isReceivable = true;
    serve(state);
  }

  @Override
  void serve(CallState state, NetSession current) {
    SplitQueue ring = current.ring();
    ring.disarm();
    unpublished = 0;
    long bytes = BYTES_PER_TURN;
    for (int frames = 0; frames < FRAMES_PER_TURN && bytes > 0; frames++) {
      if (held == NONE) {
        if (!isReceivable || isShut() || !prepare(ring) || !receive(state)) {
          return;
        }
        bytes -= held;
      }
      if (isShut() || !settle(state, current)) {
        return;
      }
    }
    goOnLater();
  }

  private boolean isShut() {
    return throttle != null && throttle.isShut();
  }

  /** Whether there are buffers to read into; where not, the driver is to ring with the next one. */
  private boolean prepare(SplitQueue ring) {
    if (isMidFrame) {
      return true; // they lie where the first part is
    }
    buffers.fill(ring, ReceiveBuffers.ROOM, chainsMax);
    if (ring.brokenReason() != null) {
      return false;
    }
    if (!buffers.isEmpty()) {
      return true;
    }
    if (ring.rearm()) {
      goOnLater(); // they have come meanwhile
    }
    return false;
  }

  /** Reads a frame, if there is a whole one. */
  private boolean receive(CallState state) {
    if (!isMidFrame) {
      roomWhenRead = buffers.room();
      buffers.addSpill();
    }
    long n;
    if (backend.hasHeader()) {
      n = backend.tryReceive(state, pair, buffers.withHeader());
    } else {
      n =
          backend.tryReceive(
              state, pair, isMidFrame ? buffers.sameWithoutHeader() : buffers.withoutHeader());
      n = n < 0 ? n : n + NetHeader.SIZE;
    }
    isMidFrame = n < 0 && backend.isMidFrame(pair);
    if (!isMidFrame) {
      buffers.removeSpill();
    }
    isReceivable = n >= 0;
    held = Math.max(n, NONE);
    return held != NONE;
  }

  /** Gives the frame in hand to the driver, or drops it; answers false where it must be kept. */
  private boolean settle(CallState state, NetSession current) {
    if (held > roomWhenRead && !makeRoom(current.ring())) {
      return false;
    }
    if (held == NONE) {
      return true; // there will never be room
    }
    long length = held - NetHeader.SIZE;
    if (!link.isUp()) {
      stats.unplugged.add(1);
    } else if (held < LENGTH_MIN) {
      stats.receiveDropped.add(1);
    } else if (!filter.accepts(buffers.destination(current.memory()))) {
      stats.filtered.add(1);
    } else if (throttle != null && !throttle.tryPass(state, length)) {
      return false;
    } else {
      deliver(state, current, length);
    }
    held = NONE; // where it was dropped, the next one comes into the same buffers
    return true;
  }

  private void deliver(CallState state, NetSession current, long length) {
    SplitQueue ring = current.ring();
    int numBuffers = isMergeable ? buffers.chainsOf(held) : 1;
    buffers.finishHeader(current.memory(), backend.hasHeader(), numBuffers);
    buffers.push(ring, held);
    ring.stats().countBytes(length);
    stats.received.add(1);
    stats.receivedBytes.add(length);
    unpublished += length;
    if (unpublished >= BYTES_PER_BATCH) {
      unpublished = 0;
      current.publish(state);
    }
  }

  /**
   * A frame that is longer than what the driver had ready: waits for the rest, or drops it where no
   * more can come. Answers false where it waits.
   */
  private boolean makeRoom(SplitQueue ring) {
    buffers.fill(ring, held, chainsMax);
    if (ring.brokenReason() != null) {
      return false;
    }
    if (buffers.room() >= held) {
      buffers.moveSpill(roomWhenRead, held);
      roomWhenRead = held;
      return true;
    }
    if (!isMergeable || buffers.isFull(ring)) {
      stats.receiveDropped.add(1);
      ring.stats().countError();
      held = NONE;
      return true;
    }
    if (ring.rearm()) {
      goOnLater();
    }
    return false;
  }

  @Override
  public void close() {
    buffers.close();
  }
}
