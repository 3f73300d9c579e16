package io.jvmm.devices.net;

import io.jvmm.devices.io.RateLimiter;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a network device is besides what carries its frames.
 *
 * @param mac its address until the driver sets another
 * @param queuePairs 1 to {@link Net#QUEUE_PAIRS_MAX}, and no more than the backend has
 * @param mtu what the driver is told: {@link Net#MTU_MIN} to {@link Net#MTU_MAX}, or 0 for what the
 *     backend says
 * @param receiveLimiter what the driver may be given, frames and bytes of them, or null for
 *     anything
 * @param transmitLimiter what the driver may send, or null for anything
 * @param clock nanoseconds, for the limiters
 */
public record NetOptions(
    MacAddress mac,
    int queuePairs,
    int mtu,
    @Nullable RateLimiter receiveLimiter,
    @Nullable RateLimiter transmitLimiter,
    LongSupplier clock) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException where one is out of range
   */
  public NetOptions {
    if (queuePairs < 1 || queuePairs > Net.QUEUE_PAIRS_MAX) {
      throw new IllegalArgumentException(queuePairs + " pairs of queues");
    }
    if (mtu != 0 && (mtu < Net.MTU_MIN || mtu > Net.MTU_MAX)) {
      throw new IllegalArgumentException("an MTU of " + mtu);
    }
  }

  /** One pair of queues, no limit. */
  public static NetOptions of(MacAddress mac) {
    return new NetOptions(mac, 1, 0, null, null, System::nanoTime);
  }

  /** The same with another number of pairs of queues. */
  public NetOptions withQueuePairs(int value) {
    return new NetOptions(mac, value, mtu, receiveLimiter, transmitLimiter, clock);
  }

  /** The same with another MTU. */
  public NetOptions withMtu(int value) {
    return new NetOptions(mac, queuePairs, value, receiveLimiter, transmitLimiter, clock);
  }

  /** The same with other limits. */
  public NetOptions withLimiters(
      @Nullable RateLimiter forReceive, @Nullable RateLimiter forTransmit) {
    return new NetOptions(mac, queuePairs, mtu, forReceive, forTransmit, clock);
  }

  /** The same with another clock. */
  public NetOptions withClock(LongSupplier value) {
    return new NetOptions(mac, queuePairs, mtu, receiveLimiter, transmitLimiter, value);
  }
}
