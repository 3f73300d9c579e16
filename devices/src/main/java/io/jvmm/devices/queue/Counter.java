package io.jvmm.devices.queue;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A counter of what a device did.
 *
 * <p>Threads: one counts, any reads.
 */
public final class Counter {
  private final AtomicLong value = new AtomicLong();

  /** At zero. */
  public Counter() {}

  /** Hot: adds. One writer: no atomic add, a torn or lost value is impossible all the same. */
  public void add(long n) {
    value.setOpaque(value.getPlain() + n);
  }

  /** What there is. */
  public long get() {
    return value.getOpaque();
  }
}
