package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.RateLimiter;
import io.jvmm.devices.io.Throttle;
import io.jvmm.host.CallState;
import io.jvmm.virtio.DeviceNotifier;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.queue.SplitQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves the queues of a disk: from chain to request to backend, and back into the used ring. When
 * a queue is served decides {@link BlockTurns}.
 *
 * <p>Threads: everything on the device's I/O thread, {@link #close} when it no longer calls.
 */
final class BlockServer implements BlockCompletion, AutoCloseable {
  private final IoLoop loop;
  private final BlockBackend backend;
  private final BlockConfig config;
  private final BlockOperations operations;
  private final BlockQueue[] queues;
  private final RequestPool requests;
  private final BlockTurns turns;
  private final LongSupplier clock;
  private final BlockStats stats;
  private @Nullable Throttle throttle;
  private boolean active;
  private boolean broken;
  private boolean givingUp;
  private @Nullable DeviceNotifier notifier;

  /** Whether there is another capacity than when no driver was ready, who may have read it. */
  private boolean resizedUntold;

  private @Nullable Runnable whenIdle;

  /** One bit a queue whose answers the driver has not been shown. */
  private int unpublished;

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
    this.requests =
        new RequestPool(Math.min(backend.maxPending(), BlockConfig.QUEUE_SIZE * queues.length));
    this.turns = new BlockTurns(this, requests, queues.length);
    this.clock = options.clock();
    this.stats = stats;
    RateLimiter limiter = options.limiter();
    if (limiter != null) {
      use(throttle(limiter));
    }
    backend.attach(loop, this);
  }

  private Throttle throttle(RateLimiter limiter) {
    return new Throttle("disk rate", limiter, clock, loop, stats::countThrottled, this::opened);
  }

  private void use(Throttle made) {
    throttle = made;
    turns.setThrottle(made);
  }

  /** Another rate from now on. */
  void limit(RateLimiter limiter) {
    Throttle current = throttle;
    if (current != null) {
      current.limit(CallState.current(), limiter);
      return;
    }
    Throttle made = throttle(limiter);
    try {
      if (active) {
        made.start();
      }
    } catch (RuntimeException e) {
      made.close(); // it would hold requests back, and nobody would hear when it opens
      throw e;
    }
    use(made);
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
    if (resizedUntold) {
      resizedUntold = false;
      set.notifier().configChanged(CallState.current());
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
    turns.clear();
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
    turns.forget(queue);
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

  /**
   * The backend's length has changed: tells the driver, at once or when it is ready; answers
   * whether it is another capacity.
   */
  boolean setLength(CallState state, long length) {
    if (!config.setLength(length)) {
      return false;
    }
    DeviceNotifier told = notifier;
    if (told == null) {
      resizedUntold = true; // a driver that is about to be ready has read the old one, perhaps
    } else {
      told.configChanged(state);
    }
    return true;
  }

  /** Hot: a doorbell: takes what is there, but not before those that wait. */
  void turn(CallState state, BlockQueue queue, SplitQueue ring) {
    if (!broken) {
      turns.turn(state, queue, ring);
    }
  }

  /** Hot: deals with a request that was just parsed. */
  void take(CallState state, BlockQueue queue, BlockRequest request) {
    int refused = operations.check(request);
    if (refused != 0) {
      answer(state, queue, request, refused);
    } else {
      tryBegin(state, queue, request);
    }
  }

  /**
   * Hot: begins a request that had to wait; false where it still has to. The disk may be shorter
   * than when it was checked.
   */
  boolean tryBeginHeld(CallState state, BlockQueue queue, BlockRequest held) {
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

  /**
   * Hot: the end of a turn: the backend begins what it has collected, drivers see their answers.
   */
  void endTurn(CallState state) {
    backend.submit(state);
    publish(state);
  }

  private void publish(CallState state) {
    while (unpublished != 0) {
      int index = Integer.numberOfTrailingZeros(unpublished);
      unpublished &= unpublished - 1;
      queues[index].publish(state);
    }
  }

  /**
   * A driver that breaks one queue gets nothing more begun on any of them until it resets. What is
   * under way on the others is still answered.
   */
  void stopServing(CallState state, BlockQueue queue) {
    broken = true;
    turns.clear();
    try {
      for (BlockQueue each : queues) {
        each.stopListening(loop);
      }
    } finally {
      queue.tellBroken(state);
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
      turns.resume(state);
    }
  }

  /** It is time for more. */
  private void opened(CallState state) {
    if (active) {
      turns.resume(state);
    }
  }

  @Override
  public void close() {
    requests.close();
    if (throttle != null) {
      throttle.close();
    }
  }
}
