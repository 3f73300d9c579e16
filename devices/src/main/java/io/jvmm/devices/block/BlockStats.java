package io.jvmm.devices.block;

import io.jvmm.devices.queue.Counter;
import io.jvmm.virtio.StatsSink;

/**
 * A disk's counters, since it was made.
 *
 * <p>Threads: the I/O thread counts, any thread reads.
 */
public final class BlockStats {
  private final Counter reads = new Counter();
  private final Counter readBytes = new Counter();
  private final Counter writes = new Counter();
  private final Counter writtenBytes = new Counter();
  private final Counter flushes = new Counter();
  private final Counter discards = new Counter();
  private final Counter discardedBytes = new Counter();
  private final Counter zeroes = new Counter();
  private final Counter zeroedBytes = new Counter();
  private final Counter errors = new Counter();
  private final Counter unsupported = new Counter();
  private final Counter throttled = new Counter();

  BlockStats() {}

  void countRead(long bytes) {
    reads.add(1);
    readBytes.add(bytes);
  }

  void countWrite(long bytes) {
    writes.add(1);
    writtenBytes.add(bytes);
  }

  void countFlush() {
    flushes.add(1);
  }

  void countDiscard(long bytes) {
    discards.add(1);
    discardedBytes.add(bytes);
  }

  void countZeroes(long bytes) {
    zeroes.add(1);
    zeroedBytes.add(bytes);
  }

  void countError() {
    errors.add(1);
  }

  void countUnsupported() {
    unsupported.add(1);
  }

  void countThrottled() {
    throttled.add(1);
  }

  /** Reads that were answered with OK. */
  public long reads() {
    return reads.get();
  }

  /** Bytes that were read. */
  public long readBytes() {
    return readBytes.get();
  }

  /** Writes that were answered with OK. */
  public long writes() {
    return writes.get();
  }

  /** Bytes that were written. */
  public long writtenBytes() {
    return writtenBytes.get();
  }

  /** Flushes that were answered with OK. */
  public long flushes() {
    return flushes.get();
  }

  /** Requests to discard that were answered with OK. */
  public long discards() {
    return discards.get();
  }

  /** Bytes of the ranges that were discarded. */
  public long discardedBytes() {
    return discardedBytes.get();
  }

  /** Requests to write zeroes that were answered with OK. */
  public long zeroes() {
    return zeroes.get();
  }

  /** Bytes of the ranges that were zeroed. */
  public long zeroedBytes() {
    return zeroedBytes.get();
  }

  /** Requests that were answered with IOERR. */
  public long errors() {
    return errors.get();
  }

  /** Requests that were answered with UNSUPP. */
  public long unsupported() {
    return unsupported.get();
  }

  /** How often the disk was shut because its limit was reached. */
  public long throttled() {
    return throttled.get();
  }

  void report(StatsSink sink) {
    sink.count("read.requests", reads());
    sink.count("read.bytes", readBytes());
    sink.count("write.requests", writes());
    sink.count("write.bytes", writtenBytes());
    sink.count("flush.requests", flushes());
    sink.count("discard.requests", discards());
    sink.count("discard.bytes", discardedBytes());
    sink.count("zeroes.requests", zeroes());
    sink.count("zeroes.bytes", zeroedBytes());
    sink.count("error.requests", errors());
    sink.count("unsupported.requests", unsupported());
    sink.count("throttled", throttled());
  }
}
