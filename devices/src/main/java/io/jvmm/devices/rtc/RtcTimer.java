package io.jvmm.devices.rtc;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.TimerFd;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.virtio.Interrupt;
import java.util.function.LongSupplier;

/**
 * Raises a clock's interrupt when its time has come.
 *
 * <p>Threads: {@link #follow} is called by one vCPU thread at a time, the rest happens on the io
 * thread.
 */
final class RtcTimer implements AutoCloseable {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final LongSupplier epochMillis;
  private final IoLoop loop;
  private final Interrupt interrupt;
  private final TimerFd timer;
  private volatile RtcSchedule schedule = RtcSchedule.NEVER;

  // Io thread only.
  private RtcSchedule known = RtcSchedule.NEVER;
  private long toldSecond;

  RtcTimer(LongSupplier epochMillis, IoLoop loop, Interrupt interrupt) {
    this.epochMillis = epochMillis;
    this.loop = loop;
    this.interrupt = interrupt;
    this.timer = TimerFd.create("rtc timer");
  }

  void begin() {
    loop.execute(() -> loop.register(timer.fd(), Epoll.EPOLLIN, (state, events) -> run(state)));
  }

  /** The guest has changed its mind. */
  void follow(RtcSchedule changed) {
    RtcSchedule before = schedule;
    schedule = changed;
    if (before.nextAfter(0) != Long.MAX_VALUE || changed.nextAfter(0) != Long.MAX_VALUE) {
      timer.set(CallState.current(), 0); // has the io thread look
    }
  }

  /** The event is there without the timer. */
  void raise() {
    interrupt.raise(CallState.current());
  }

  private void run(CallState state) {
    timer.drain(state);
    RtcSchedule current = schedule;
    if (!current.equals(known)) {
      known = current;
      toldSecond = current.since();
    }
    long nowMillis = epochMillis.getAsLong() + known.offsetMillis();
    long nowSecond = Math.floorDiv(nowMillis, CmosClock.MILLIS_PER_SECOND);
    if (known.nextAfter(toldSecond) <= nowSecond) {
      toldSecond = nowSecond;
      interrupt.raise(state);
    }
    long next = known.nextAfter(toldSecond);
    if (next == Long.MAX_VALUE) {
      timer.cancel(state);
    } else {
      // A millisecond later, since the clock is cut to milliseconds and the guest must see it.
      long waitMillis = next * CmosClock.MILLIS_PER_SECOND - nowMillis + 1;
      timer.set(state, Math.max(1, waitMillis) * NANOS_PER_MILLI);
    }
    // follow() stores, then sets the timer; one whose setting ours has undone is seen here. It has
    // its turn later: a guest that keeps changing its mind does not keep the thread.
    if (!schedule.equals(known)) {
      timer.set(state, 0);
    }
  }

  @Override
  public void close() {
    loop.unregister(timer.fd());
    timer.close();
  }
}
