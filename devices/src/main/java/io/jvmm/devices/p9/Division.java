package io.jvmm.devices.p9;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import org.jspecify.annotations.Nullable;

/**
 * Who deals with a message: the share's own thread, or a worker. On its own thread a message is
 * answered without two hops between threads, which cost more than most messages themselves; what
 * keeps others waiting is for the workers, who are many.
 *
 * <p>Threads: the share's.
 */
final class Division {
  /** A message that took so long has waited for something else than memory. */
  private static final long SLOW_NANOS = 1_000_000;

  /** So many messages go to workers after a slow one: what is behind it is likely to be slow. */
  private static final int SLOW_FOR = 64;

  /** More data than this are copied side by side, where there is more to do. */
  private static final long DATA_MAX = 32 * 1024;

  private final Share share;
  private final IoLoop loop;
  private @Nullable FileWorker here;
  private int slowFor;

  Division(Share share, IoLoop loop) {
    this.share = share;
    this.loop = loop;
  }

  /**
   * Hot: whether {@link #perform} is to deal with a message.
   *
   * @param othersWait whether there are more messages to deal with
   */
  boolean isForHere(Request request, boolean othersWait) {
    if (request.type() == P9.TFSYNC) {
      return false; // waits for the medium
    }
    if (slowFor > 0) {
      slowFor--;
      return false;
    }
    return !othersWait || dataBytes(request) <= DATA_MAX;
  }

  private static long dataBytes(Request request) {
    return switch (request.type()) {
      case P9.TREAD -> request.writable().byteCount();
      case P9.TWRITE -> request.readable().byteCount();
      default -> 0;
    };
  }

  /** Hot: deals with a message whose fids the session has found. */
  void perform(CallState state, Request request) {
    FileWorker worker = here;
    if (worker == null) {
      worker = new FileWorker(share);
      here = worker;
    }
    long start = System.nanoTime();
    try {
      worker.perform(state, request);
    } catch (RuntimeException mistake) {
      worker.fail(request);
      loop.execute(
          () -> {
            throw mistake; // of ours: the loop tells it to whoever listens
          });
    }
    if (System.nanoTime() - start > SLOW_NANOS) {
      slowFor = SLOW_FOR;
    }
  }
}
