package io.jvmm.devices.block;

import io.jvmm.devices.io.IoHandler;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.RateLimiter;
import io.jvmm.host.CallState;
import io.jvmm.host.TimerFd;
import io.jvmm.host.epoll.Epoll;
import java.util.function.LongSupplier;

/**
 * Holds a disk back to its rate: what the limiter refuses shuts the disk until a timer opens it
 * again. There is none where there is no limit.
 *
 * <p>Threads: the device's I/O thread, until it no longer calls.
 */
final class BlockThrottle implements IoHandler, AutoCloseable {
  private final RateLimiter limiter;
  private final LongSupplier clock;
  private final BlockStats stats;
  private final TimerFd timer = TimerFd.create("disk rate");
  private final IoLoop loop;
  private final Opened whenOpen;
  private boolean shut;

  /** Hears that it is time to ask again. */
  @FunctionalInterface
  interface Opened {
    void opened(CallState state);
  }

  BlockThrottle(
      RateLimiter limiter, LongSupplier clock, BlockStats stats, IoLoop loop, Opened whenOpen) {
    this.limiter = limiter;
    this.clock = clock;
    this.stats = stats;
    this.loop = loop;
    this.whenOpen = whenOpen;
  }

  void start() {
    loop.register(timer.fd(), Epoll.EPOLLIN, this);
  }

  void stop() {
    shut = false;
    timer.cancel(CallState.current());
    loop.unregister(timer.fd());
  }

  /** Hot: whether nothing may begin. */
  boolean isShut() {
    return shut;
  }

  /** Hot: whether a request of so many bytes may begin; where not, it is shut from now on. */
  boolean tryPass(CallState state, long bytes) {
    long wait = limiter.tryPass(Math.min(bytes, RateLimiter.BYTES_MAX), clock.getAsLong());
    if (wait == 0) {
      return true;
    }
    shut = true;
    stats.countThrottled();
    timer.set(state, wait);
    return false;
  }

  @Override
  public void ready(CallState state, int events) {
    timer.drain(state);
    shut = false;
    whenOpen.opened(state);
  }

  /** When the loop no longer calls. */
  @Override
  public void close() {
    timer.close();
  }
}
