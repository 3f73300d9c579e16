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
  /** What takes less has not waited, whatever others take. */
  private static final long SLOW_NANOS = 500_000;

  /**
   * Nor has what takes less than so many times the fastest lately: it is the machine that is slow.
   */
  private static final int SLOW_TIMES = 16;

  /** What a slow message adds to {@link #slowness}; every message takes one off. */
  private static final int SLOW_WEIGHT = 16;

  private static final int SLOWNESS_MAX = 4 * SLOW_WEIGHT;

  /** More data than this are copied side by side, where there is more to do. */
  private static final long DATA_MAX = 32 * 1024;

  private final Share share;
  private final IoLoop loop;
  private @Nullable FileWorker here;

  /** The fastest of late, in nanoseconds. */
  private long fastest;

  /** Above {@link #SLOW_WEIGHT}, which is more than one now and then, messages go to workers. */
  private int slowness;

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
    slowness = Math.max(0, slowness - 1);
    if (slowness > SLOW_WEIGHT) {
      return false; // what comes behind slow ones is likely to be slow
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
    judge(System.nanoTime() - start);
  }

  private void judge(long nanos) {
    // It rises slowly, so that it follows a machine that has become slower.
    fastest = fastest == 0 ? nanos : Math.min(nanos, fastest + fastest / 64);
    if (nanos > Math.max(SLOW_NANOS, SLOW_TIMES * fastest)) {
      slowness = Math.min(SLOWNESS_MAX, slowness + SLOW_WEIGHT);
    }
  }
}
