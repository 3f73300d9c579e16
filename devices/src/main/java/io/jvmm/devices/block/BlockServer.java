package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.RateLimiter;
import io.jvmm.devices.io.Throttle;
import io.jvmm.host.CallState;
import io.jvmm.virtio.DeviceNotifier;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.queue.SplitQueue;
import org.jspecify.annotations.Nullable;

/**
 * Serves the queues of a disk: from chain to request to backend, and back into the used ring. A
 * queue gets bounded turns, by its doorbell in the order of the loop, and where chains had to wait
 * for a free request or for their time, in the order of their waiting.
 *
 * <p>Threads: everything on the device's I/O thread, {@link #close} when it no longer calls.
 */
final class BlockServer implements BlockCompletion, AutoCloseable {
  /** After so many chains of a queue others on the loop, a reset above all, get their turn. */
  private static final int CHAINS_PER_TURN = 32;

  /**
   * And after so many bytes of all queues: at a gigabyte a second they are copied in four
   * milliseconds, and going on in another turn costs two system calls, which is nothing beside
   * that. Ranges that are discarded or zeroed are a turn's share whatever their length.
   */
  static final long BYTES_PER_TURN = 4L << 20;

  private final IoLoop loop;
  private final BlockBackend backend;
  private final BlockConfig config;
  private final BlockOperations operations;
  private final BlockQueue[] queues;
  private final RequestPool requests;
  private final WaitingQueues waiting;
  private final @Nullable Throttle throttle;
  private boolean active;
  private boolean broken;
  private boolean givingUp;
  private @Nullable DeviceNotifier notifier;
  private @Nullable Runnable whenIdle;

  /** One bit a queue whose answers the driver has not been shown. */
  private int unpublished;

  /** What is left of {@link #BYTES_PER_TURN}. */
  private long bytesLeft;

  BlockServer(
      IoLoop loop,
      BlockBackend backend,
      BlockConfig config,
      BlockOptions options,
      BlockOperations operations,
      BlockStats stats) {
    this.loop = loop;
    this.backend = backend;
    this.config = config;
    this.operations = operations;
    this.queues = new BlockQueue[options.queues()];
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new BlockQueue(this, i);
    }
    this.waiting = new WaitingQueues(queues.length);
    this.requests =
        new RequestPool(Math.min(backend.maxPending(), BlockConfig.QUEUE_SIZE * queues.length));
    RateLimiter limiter = options.limiter();
    this.throttle =
        limiter == null
            ? null
            : new Throttle(
                "disk rate", limiter, options.clock(), loop, stats::countThrottled, this::opened);
    backend.attach(loop, this);
  }

  void start(QueueSet set) {
    active = true;
    broken = false;
    notifier = set.notifier();
    operations.agree(
        set.has(BlockConfig.VIRTIO_BLK_F_DISCARD), set.has(BlockConfig.VIRTIO_BLK_F_WRITE_ZEROES));
    if (throttle != null) {
      throttle.start();
    }
    for (BlockQueue queue : queues) {
      queue.start(set, loop);
    }
  }

  /**
   * Forgets the queues.
   *
   * @param stopped is run when no operation is pending any more: at once, or with the last
   *     completion
   */
  void stop(Runnable stopped) {
    boolean wasActive = active;
    active = false;
    notifier = null;
    unpublished = 0;
    waiting.clear();
    try {
      if (wasActive) {
        forgetQueues();
      }
    } finally { // a vCPU waits for this, whatever the loop's trouble
      if (requests.isIdle()) {
        stopped.run();
      } else {
        whenIdle = stopped;
        backend.cancel(CallState.current());
      }
    }
  }

  /** The driver has made a queue anew. */
  void startQueue(int index, QueueSet set) {
    if (active && !broken) {
      queues[index].start(set, loop);
    }
  }

  /**
   * Forgets one queue, while the others go on.
   *
   * @param stopped is run when no operation of the queue is pending any more
   */
  void stopQueue(int index, Runnable stopped) {
    BlockQueue queue = queues[index];
    unpublished &= ~(1 << index);
    dropHeld(queue);
    try {
      queue.stop(loop);
    } finally { // a vCPU waits for this, whatever the loop's trouble
      if (requests.isIdle(queue)) {
        stopped.run();
      } else {
        queue.setWhenIdle(stopped);
        if (givingUp) {
          backend.cancel(CallState.current());
        }
      }
    }
  }

  /** From here on nobody waits longer than cancelling takes: the guest is over. */
  void giveUp() {
    givingUp = true;
    if (!requests.isIdle()) {
      backend.cancel(CallState.current());
    }
  }

  private void dropHeld(BlockQueue queue) {
    BlockRequest held = queue.held();
    if (held != null) {
      queue.setHeld(null);
      requests.release(held);
    }
  }

  private void forgetQueues() {
    for (BlockQueue queue : queues) {
      dropHeld(queue);
    }
    RuntimeException failure = null;
    if (throttle != null) {
      failure = tryStop(throttle::stop, failure);
    }
    for (BlockQueue queue : queues) {
      failure = tryStop(() -> queue.stop(loop), failure);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static @Nullable RuntimeException tryStop(
      Runnable part, @Nullable RuntimeException before) {
    try {
      part.run();
      return before;
    } catch (RuntimeException e) {
      if (before == null) {
        return e;
      }
      before.addSuppressed(e);
      return before;
    }
  }

  /** The backend's length has changed: tells the driver; answers whether it is another capacity. */
  boolean setLength(CallState state, long length) {
    if (!config.setLength(length)) {
      return false;
    }
    DeviceNotifier told = notifier;
    if (told != null) {
      told.configChanged(state);
    }
    return true;
  }

  /** Hot: a doorbell: takes what is there, but not before those that wait. */
  void turn(CallState state, BlockQueue queue, SplitQueue ring) {
    if (broken) {
      return;
    }
    if (waiting.count() == 0 && canBegin()) {
      bytesLeft = BYTES_PER_TURN;
      serve(state, queue, ring);
      backend.submit(state);
      publish(state);
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
      if (!tryBeginHeld(state, queue, held)) {
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
        take(state, queue, request);
      }
      if (polled == SplitQueue.BROKEN) {
        giveUp(state, queue);
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

  private void take(CallState state, BlockQueue queue, BlockRequest request) {
    int refused = operations.check(request);
    if (refused != 0) {
      answer(state, queue, request, refused);
    } else {
      tryBegin(state, queue, request);
    }
  }

  /** The disk may be shorter than when the request was checked. */
  private boolean tryBeginHeld(CallState state, BlockQueue queue, BlockRequest held) {
    int refused = operations.check(held);
    if (refused == 0) {
      return tryBegin(state, queue, held);
    }
    queue.setHeld(null);
    answer(state, queue, held, refused);
    return true;
  }

  /** Begins a request that was checked, or holds it until its time has come. */
  private boolean tryBegin(CallState state, BlockQueue queue, BlockRequest request) {
    if (throttle != null
        && BlockOperations.isInputOutput(request)
        && !throttle.tryPass(state, BlockOperations.cost(request))) {
      queue.setHeld(request);
      return false;
    }
    queue.setHeld(null);
    request.setWriteThrough(!config.isWriteback());
    settle(state, queue, request, queue.begin(state, operations, request));
    return true;
  }

  private void settle(CallState state, BlockQueue queue, BlockRequest request, int result) {
    if (result != BlockBackend.PENDING) {
      answer(state, queue, request, result);
    }
  }

  private void answer(CallState state, BlockQueue queue, BlockRequest request, int result) {
    queue.answer(state, request, operations.status(request, result));
    unpublished |= 1 << queue.index();
    requests.release(request);
  }

  private void publish(CallState state) {
    while (unpublished != 0) {
      int index = Integer.numberOfTrailingZeros(unpublished);
      unpublished &= unpublished - 1;
      queues[index].publish(state);
    }
  }

  /** A driver that breaks one queue gets nothing more from any of them until it resets. */
  private void giveUp(CallState state, BlockQueue queue) {
    broken = true;
    waiting.clear();
    try {
      for (BlockQueue each : queues) {
        each.stopListening(loop);
      }
    } finally {
      queue.giveUp(state);
    }
  }

  @Override
  public void completed(CallState state, int token, int result) {
    BlockRequest request = requests.get(token);
    BlockQueue queue = request.queue();
    if (active && queue != null && queue.ring() != null) {
      settle(state, queue, request, operations.goOn(state, request, result));
      return;
    }
    requests.release(request); // reset in the meantime: nobody waits for the answer
    if (active && queue != null) {
      queueEnded(queue);
      return;
    }
    Runnable stopped = whenIdle;
    if (stopped != null && requests.isIdle()) {
      whenIdle = null;
      stopped.run();
    }
  }

  /** An operation of a queue that was reset has ended. */
  private void queueEnded(BlockQueue queue) {
    Runnable stopped = queue.whenIdle();
    if (stopped != null && requests.isIdle(queue)) {
      queue.setWhenIdle(null);
      stopped.run();
    }
  }

  @Override
  public void batchEnded(CallState state) {
    if (active) {
      publish(state);
      resume(state);
    }
  }

  /** It is time for more. */
  private void opened(CallState state) {
    if (active) {
      resume(state);
    }
  }

  /** Gives a turn to each queue that waits, as long as something can begin and is not too much. */
  private void resume(CallState state) {
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
    backend.submit(state);
    publish(state);
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

  @Override
  public void close() {
    requests.close();
    if (throttle != null) {
      throttle.close();
    }
  }
}
