package io.jvmm.devices.io;

/**
 * Lets operations through at a rate, and some of them at once after a pause: a token bucket for
 * operations and one for bytes, of which an operation needs both. An operation that is bigger than
 * a bucket passes when the bucket is full, and the next one waits for as long as that one took.
 *
 * <p>Each bucket is one number, the time when it will be full again: what is used moves that on,
 * and what lies in the future of it is what is missing.
 *
 * <p>Threads: belongs to one thread. The time is given to every call, so that tests need no clock.
 */
public final class RateLimiter {
  /** The most bytes of one operation: below it, nothing here overflows. */
  public static final long BYTES_MAX = Integer.MAX_VALUE;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Where nothing is said, a burst is a second's share by this. */
  private static final int BURSTS_PER_SECOND = 10;

  private final Bucket operations;
  private final Bucket bytes;

  /**
   * Full buckets.
   *
   * @param operationsPerSecond 0 for any number
   * @param operationsBurst at once; 0 for a tenth of a second's
   * @param bytesPerSecond 0 for any number
   * @param bytesBurst at once; 0 for a tenth of a second's
   * @param nowNanos the time
   */
  public RateLimiter(
      long operationsPerSecond,
      long operationsBurst,
      long bytesPerSecond,
      long bytesBurst,
      long nowNanos) {
    this.operations = new Bucket(operationsPerSecond, operationsBurst, nowNanos);
    this.bytes = new Bucket(bytesPerSecond, bytesBurst, nowNanos);
  }

  /**
   * Hot: lets one operation through, or says when to ask again.
   *
   * @param byteCount 0 to {@link #BYTES_MAX}
   * @param nowNanos the time, which does not go back
   * @return 0 where it may go on, and is counted; else the nanoseconds until it may
   */
  public long tryPass(long byteCount, long nowNanos) {
    long wait = Math.max(operations.missing(1, nowNanos), bytes.missing(byteCount, nowNanos));
    if (wait == 0) {
      operations.take(1, nowNanos);
      bytes.take(byteCount, nowNanos);
    }
    return wait;
  }

  private static final class Bucket {
    private final long rate;
    private final long burst;

    /** How long an empty bucket takes to be full. */
    private final long fillNanos;

    private long fullAt;

    /** Of a nanosecond, in parts of the rate: what rounding left over. */
    private long remainder;

    Bucket(long rate, long burst, long nowNanos) {
      if (rate < 0 || burst < 0) {
        throw new IllegalArgumentException("rate " + rate + ", burst " + burst);
      }
      this.rate = rate;
      this.burst = burst == 0 ? Math.max(1, rate / BURSTS_PER_SECOND) : burst;
      this.fillNanos =
          rate == 0 ? 0 : (long) Math.ceil((double) this.burst * NANOS_PER_SECOND / rate);
      this.fullAt = nowNanos;
    }

    /** How long until there are {@code amount} tokens, or all that fit. */
    long missing(long amount, long nowNanos) {
      if (rate == 0 || fullAt - nowNanos <= 0) {
        return 0;
      }
      long needed = amount >= burst ? fillNanos : amount * NANOS_PER_SECOND / rate;
      return Math.max(0, fullAt - nowNanos - (fillNanos - needed));
    }

    void take(long amount, long nowNanos) {
      if (rate == 0) {
        return;
      }
      long used = amount * NANOS_PER_SECOND + remainder; // below 2^61 + 2^40
      remainder = used % rate;
      fullAt = (fullAt - nowNanos > 0 ? fullAt : nowNanos) + used / rate;
    }
  }
}
