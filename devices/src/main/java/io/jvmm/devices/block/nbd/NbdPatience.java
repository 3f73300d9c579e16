package io.jvmm.devices.block.nbd;

/**
 * How long a server that has requests may be silent: sends no byte and takes none. It is asked when
 * its time has come, so a request costs nothing here; a silence is seen after the limit, and before
 * twice the limit.
 *
 * <p>A server that was given up and is silent again gets twice the time, since it may only be slow:
 * a flush that takes longer than the limit would else never end.
 *
 * <p>Threads: the device's I/O thread.
 */
final class NbdPatience {
  /** A time that does not come. */
  static final long NEVER = Long.MAX_VALUE;

  /** However often it was silent, so many limits are the most. */
  private static final int LIMITS_MAX = 16;

  private final long limitNanos;
  private long patienceNanos;
  private long endsAt = NEVER;
  private long movedBefore;

  /**
   * @param limitNanos 0 for ever
   */
  NbdPatience(long limitNanos) {
    this.limitNanos = limitNanos;
    this.patienceNanos = limitNanos;
  }

  /** Whether a server that has requests is to be watched from now on, by {@link #begin}. */
  boolean canBegin() {
    return endsAt == NEVER && limitNanos > 0;
  }

  /**
   * Begins to watch it.
   *
   * @param moved how many bytes have gone either way
   */
  void begin(long now, long moved) {
    movedBefore = moved;
    endsAt = now + patienceNanos;
  }

  /** When {@link #isOver} is to be asked. */
  long endsAt() {
    return endsAt;
  }

  /** Whether the time is over without a byte; where it is not, it begins anew. */
  boolean isOver(long now, long moved) {
    if (moved != movedBefore) {
      begin(now, moved);
      return false;
    }
    endsAt = NEVER;
    patienceNanos = Math.min(2 * patienceNanos, LIMITS_MAX * limitNanos);
    return true;
  }

  /** Hot: the server has done something. */
  void answered() {
    patienceNanos = limitNanos;
  }

  /** The server has no requests, or there is none. */
  void end() {
    endsAt = NEVER;
  }
}
