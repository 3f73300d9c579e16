package io.jvmm.devices.block;

import io.jvmm.devices.io.RateLimiter;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a disk is besides its data. Begin with {@link #DEFAULT}.
 *
 * @param serial what the guest sees as its serial number: the first {@value BlockRequest#ID_LENGTH}
 *     bytes
 * @param queues how many, at least one
 * @param writeThrough whether each write is on the medium before it is answered, until the driver
 *     changes that
 * @param limiter what the driver may ask for, or null for anything; the disk's own
 * @param clock nanoseconds, for the limiter
 */
public record BlockOptions(
    String serial,
    int queues,
    boolean writeThrough,
    @Nullable RateLimiter limiter,
    LongSupplier clock) {

  /** One queue, written back, no limit. */
  public static final BlockOptions DEFAULT = new BlockOptions("", 1, false, null, System::nanoTime);

  /** Checks that there is a queue. */
  public BlockOptions {
    if (queues < 1 || queues > Block.QUEUES_MAX) {
      throw new IllegalArgumentException(queues + " queues");
    }
  }

  /** The same with another serial number. */
  public BlockOptions withSerial(String value) {
    return new BlockOptions(value, queues, writeThrough, limiter, clock);
  }

  /** The same with another number of queues. */
  public BlockOptions withQueues(int value) {
    return new BlockOptions(serial, value, writeThrough, limiter, clock);
  }

  /** The same, but for whether writes go through. */
  public BlockOptions withWriteThrough(boolean value) {
    return new BlockOptions(serial, queues, value, limiter, clock);
  }

  /** The same with another limiter. */
  public BlockOptions withLimiter(@Nullable RateLimiter value) {
    return new BlockOptions(serial, queues, writeThrough, value, clock);
  }

  /** The same with another clock. */
  public BlockOptions withClock(LongSupplier value) {
    return new BlockOptions(serial, queues, writeThrough, limiter, value);
  }
}
