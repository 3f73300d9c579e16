package io.jvmm.devices.io;

import io.jvmm.host.CallState;
import io.jvmm.host.TimerFd;
import io.jvmm.host.epoll.Epoll;
import java.util.function.LongSupplier;

/**
 * Holds a device back to its rate: what the limiter refuses shuts it until a timer opens it again.
 * There is none where there is no limit.
 *
 * <p>Threads: the device's I/O thread, until it no longer calls.
 */
public final class Throttle implements IoHandler, AutoCloseable {
  private RateLimiter limiter;
  private final LongSupplier clock;
  private final Runnable whenShut;
  private final TimerFd timer;
  private final IoLoop loop;
  private final Opened whenOpen;
  private boolean shut;

  /** Hears that it is time to ask again. */
  @FunctionalInterface
  public interface Opened {
    /** It is open again. */
    void opened(CallState state);
  }

  /**
   * Open.
   *
   * @param role of its timer, for error texts: {@code disk rate}
   * @param clock nanoseconds, for the limiter
   * @param whenShut is run each time that it shuts
   * @throws io.jvmm.host.SyscallException where the host has no descriptor left
   */
  public Throttle(
      String role,
      RateLimiter limiter,
      LongSupplier clock,
      IoLoop loop,
      Runnable whenShut,
      Opened whenOpen) {
    this.timer = TimerFd.create(role);
    this.limiter = limiter;
    this.clock = clock;
    this.whenShut = whenShut;
    this.loop = loop;
    this.whenOpen = whenOpen;
  }

  /** Begins to watch its timer. */
  public void start() {
    loop.register(timer.fd(), Epoll.EPOLLIN, this);
  }

  /** Opens, and does not watch its timer any more. */
  public void stop() {
    shut = false;
    timer.cancel(CallState.current());
    loop.unregister(timer.fd());
  }

  /** Another rate from now on; what was shut is open. */
  public void limit(CallState state, RateLimiter other) {
    limiter = other;
    if (shut) {
      shut = false;
      timer.cancel(state);
      whenOpen.opened(state);
    }
  }

  /** Hot: whether nothing may begin. */
  public boolean isShut() {
    return shut;
  }

  /** Hot: whether an operation of so many bytes may begin; where not, it is shut from now on. */
  public boolean tryPass(CallState state, long bytes) {
    long wait = limiter.tryPass(Math.min(bytes, RateLimiter.BYTES_MAX), clock.getAsLong());
    if (wait == 0) {
      return true;
    }
    shut = true;
    whenShut.run();
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
