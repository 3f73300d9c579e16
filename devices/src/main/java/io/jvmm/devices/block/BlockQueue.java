package io.jvmm.devices.block;

import io.jvmm.devices.io.IoHandler;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.EventFd;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.DeviceNotifier;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.queue.DescriptorChain;
import io.jvmm.virtio.queue.SplitQueue;
import org.jspecify.annotations.Nullable;

/**
 * Serves the device's queue: from chain to request to backend, and back into the used ring.
 *
 * <p>Threads: everything on the device's I/O thread.
 */
final class BlockQueue implements IoHandler, BlockCompletion, AutoCloseable {
  /** After so many chains others on the loop, a reset above all, get their turn. */
  private static final int CHAINS_PER_TURN = 32;

  /**
   * And after so many bytes: at a gigabyte a second they are copied in four milliseconds, and going
   * on in another turn costs two system calls, which is nothing beside that.
   */
  static final long BYTES_PER_TURN = 4L << 20;

  private final IoLoop loop;
  private final BlockBackend backend;
  private final BlockConfig config;
  private final BlockStats stats;
  private final byte[] id;
  private final BlockRequest[] requests;
  private final int[] free;
  private int freeCount;

  /** Whether chains may have waited for a request to become free. */
  private boolean starved;

  private @Nullable Session session;
  private @Nullable Runnable whenIdle;

  /** What there is between an activation and the reset after it. */
  private static final class Session {
    final SplitQueue queue;
    final GuestMemory memory;
    final DeviceNotifier notifier;
    final EventFd doorbell;
    final boolean writeThrough;

    Session(SplitQueue queue, QueueSet set) {
      this.queue = queue;
      this.memory = set.memory();
      this.notifier = set.notifier();
      this.doorbell = set.doorbell(0).event();
      this.writeThrough = !set.has(BlockConfig.VIRTIO_BLK_F_FLUSH);
    }
  }

  /**
   * @param id exactly {@link BlockRequest#ID_LENGTH} bytes
   */
  BlockQueue(IoLoop loop, BlockBackend backend, BlockConfig config, BlockStats stats, byte[] id) {
    this.loop = loop;
    this.backend = backend;
    this.config = config;
    this.stats = stats;
    this.id = id;
    int count = Math.min(backend.maxPending(), BlockConfig.QUEUE_SIZE);
    this.requests = new BlockRequest[count];
    this.free = new int[count];
    for (int i = 0; i < count; i++) {
      requests[i] = new BlockRequest(i, DescriptorChain.MAX_INDIRECT_DESCRIPTORS);
      free[i] = i;
    }
    this.freeCount = count;
    backend.attach(loop, this);
  }

  void start(QueueSet set) {
    SplitQueue queue = set.queue(0);
    if (queue == null) {
      return; // a driver may leave a disk alone
    }
    Session started = new Session(queue, set);
    session = started;
    loop.register(started.doorbell.fd(), Epoll.EPOLLIN, this);
    // What came before the doorbell was watched gets a turn, as everything does.
    started.doorbell.signal(CallState.current());
  }

  /**
   * Forgets the queue.
   *
   * @param stopped is run when no operation is pending any more: at once, or with the last
   *     completion
   */
  void stop(Runnable stopped) {
    Session ended = session;
    session = null;
    try {
      if (ended != null) {
        loop.unregister(ended.doorbell.fd());
      }
    } finally { // a vCPU waits for this, whatever the loop's trouble
      if (freeCount == requests.length) {
        stopped.run();
      } else {
        whenIdle = stopped;
      }
    }
  }

  @Override
  public void ready(CallState state, int events) {
    Session current = session;
    if (current != null) {
      current.doorbell.drain(state);
      current.queue.stats().countDoorbell();
      serve(state, current);
    }
  }

  private void serve(CallState state, Session current) {
    takeChains(state, current);
    backend.submit(state);
    publish(state, current);
  }

  /** Shows the driver what was answered, with one interrupt at most. */
  private static void publish(CallState state, Session current) {
    if (current.queue.publish()) {
      current.notifier.usedBuffers(state, 0);
    }
  }

  private void takeChains(CallState state, Session current) {
    SplitQueue queue = current.queue;
    int chainsLeft = CHAINS_PER_TURN;
    long bytesLeft = BYTES_PER_TURN;
    do {
      queue.disarm();
      int polled = SplitQueue.EMPTY;
      while (chainsLeft > 0
          && bytesLeft > 0
          && freeCount > 0
          && (polled = queue.poll()) == SplitQueue.CHAIN) {
        BlockRequest request = requests[free[--freeCount]];
        begin(state, current, request);
        chainsLeft--;
        bytesLeft -= request.dataLength();
      }
      if (polled == SplitQueue.BROKEN) {
        giveUp(state, current);
        return;
      }
      if (freeCount == 0) {
        return; // the next completion goes on
      }
      if (chainsLeft == 0 || bytesLeft <= 0) {
        current.doorbell.signal(state); // to go on in another turn
        return;
      }
    } while (queue.rearm());
  }

  /** The loop no longer hears the doorbell: a driver that rings on costs nothing. */
  private void giveUp(CallState state, Session current) {
    String reason = current.queue.brokenReason();
    loop.unregister(current.doorbell.fd());
    current.notifier.needsReset(state, reason == null ? "the queue is broken" : reason);
  }

  private void begin(CallState state, Session current, BlockRequest request) {
    DescriptorChain chain = current.queue.chain();
    request.parse(chain, current.memory);
    if (chain.isBroken()) {
      release(request);
    } else if (!request.hasStatus()) {
      current.queue.fail("a block request has no room for its status");
      release(request);
    } else {
      settle(state, current, request, perform(state, current, request));
    }
  }

  private int perform(CallState state, Session current, BlockRequest request) {
    if (!request.isComplete()) {
      return -Errno.EINVAL;
    }
    return switch (request.type()) {
      case BlockRequest.VIRTIO_BLK_T_IN ->
          isFit(request)
              ? backend.read(state, request.buffers(), offset(request), request.token())
              : -Errno.EINVAL;
      case BlockRequest.VIRTIO_BLK_T_OUT -> write(state, request);
      case BlockRequest.VIRTIO_BLK_T_FLUSH -> backend.flush(state, request.token());
      case BlockRequest.VIRTIO_BLK_T_GET_ID -> {
        request.fillId(current.memory, id);
        yield BlockBackend.DONE;
      }
      default -> BlockBackend.DONE; // nothing to do; the answer is UNSUPP
    };
  }

  private int write(CallState state, BlockRequest request) {
    if (config.isReadOnly()) {
      return -Errno.EROFS;
    }
    return isFit(request)
        ? backend.write(state, request.buffers(), offset(request), request.token())
        : -Errno.EINVAL;
  }

  private boolean isFit(BlockRequest request) {
    return request.dataLength() <= BlockConfig.REQUEST_MAX
        && config.isInside(request.sector(), request.dataLength());
  }

  private static long offset(BlockRequest request) {
    return request.sector() * BlockConfig.SECTOR_SIZE;
  }

  /** Answers the request, unless something of it is, or is now, pending. */
  private void settle(CallState state, Session current, BlockRequest request, int outcome) {
    int result = outcome;
    if (result == BlockBackend.DONE
        && current.writeThrough
        && request.type() == BlockRequest.VIRTIO_BLK_T_OUT
        && !request.isSyncing()) {
      request.setSyncing();
      result = backend.flush(state, request.token());
    }
    if (result != BlockBackend.PENDING) {
      answer(current, request, result);
    }
  }

  private void answer(Session current, BlockRequest request, int result) {
    long written = 1; // the status
    byte status = BlockRequest.VIRTIO_BLK_S_OK;
    if (result != BlockBackend.DONE) {
      status = BlockRequest.VIRTIO_BLK_S_IOERR;
      stats.countError();
      current.queue.stats().countError();
    } else {
      switch (request.type()) {
        case BlockRequest.VIRTIO_BLK_T_IN -> {
          written += request.dataLength();
          stats.countRead(request.dataLength());
          current.queue.stats().countBytes(request.dataLength());
        }
        case BlockRequest.VIRTIO_BLK_T_OUT -> {
          stats.countWrite(request.dataLength());
          current.queue.stats().countBytes(request.dataLength());
        }
        case BlockRequest.VIRTIO_BLK_T_FLUSH -> stats.countFlush();
        case BlockRequest.VIRTIO_BLK_T_GET_ID ->
            written += Math.min(request.dataLength(), BlockRequest.ID_LENGTH);
        default -> {
          status = BlockRequest.VIRTIO_BLK_S_UNSUPP;
          stats.countUnsupported();
        }
      }
    }
    request.setStatus(current.memory, status);
    current.queue.push(request.head(), written);
    release(request);
  }

  private void release(BlockRequest request) {
    free[freeCount++] = request.token();
  }

  @Override
  public void completed(CallState state, int token, int result) {
    BlockRequest request = requests[token];
    Session current = session;
    if (current == null) { // reset in the meantime: nobody waits for the answer
      release(request);
      Runnable stopped = whenIdle;
      if (freeCount == requests.length && stopped != null) {
        whenIdle = null;
        stopped.run();
      }
      return;
    }
    starved |= freeCount == 0;
    settle(state, current, request, result);
  }

  @Override
  public void batchEnded(CallState state) {
    Session current = session;
    boolean waited = starved;
    starved = false;
    if (current == null) {
      return;
    }
    publish(state, current);
    if (waited && current.queue.brokenReason() == null) {
      serve(state, current); // chains may have waited without a doorbell
    } else {
      backend.submit(state);
    }
  }

  /** When the loop no longer calls. */
  @Override
  public void close() {
    for (BlockRequest request : requests) {
      request.close();
    }
  }
}
