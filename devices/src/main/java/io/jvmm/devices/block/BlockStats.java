package io.jvmm.devices.block;

import io.jvmm.virtio.StatsSink;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A disk's counters, since it was made.
 *
 * <p>Threads: the I/O thread counts, any thread reads.
 */
public final class BlockStats {
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong readBytes = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong writtenBytes = new AtomicLong();
  private final AtomicLong flushes = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();
  private final AtomicLong unsupported = new AtomicLong();

  BlockStats() {}

  void countRead(long bytes) {
    add(reads, 1);
    add(readBytes, bytes);
  }

  void countWrite(long bytes) {
    add(writes, 1);
    add(writtenBytes, bytes);
  }

  void countFlush() {
    add(flushes, 1);
  }

  void countError() {
    add(errors, 1);
  }

  void countUnsupported() {
    add(unsupported, 1);
  }

  /** One writer: no atomic add, a torn or lost value is impossible all the same. */
  private static void add(AtomicLong counter, long n) {
    counter.setOpaque(counter.getPlain() + n);
  }

  /** Reads that were answered with OK. */
  public long reads() {
    return reads.getOpaque();
  }

  /** Writes that were answered with OK. */
  public long writes() {
    return writes.getOpaque();
  }

  /** Flushes that were answered with OK. */
  public long flushes() {
    return flushes.getOpaque();
  }

  /** Requests that were answered with IOERR. */
  public long errors() {
    return errors.getOpaque();
  }

  /** Requests that were answered with UNSUPP. */
  public long unsupported() {
    return unsupported.getOpaque();
  }

  /** Bytes that were read. */
  public long readBytes() {
    return readBytes.getOpaque();
  }

  /** Bytes that were written. */
  public long writtenBytes() {
    return writtenBytes.getOpaque();
  }

  void report(StatsSink sink) {
    sink.count("read.requests", reads());
    sink.count("read.bytes", readBytes());
    sink.count("write.requests", writes());
    sink.count("write.bytes", writtenBytes());
    sink.count("flush.requests", flushes());
    sink.count("error.requests", errors());
    sink.count("unsupported.requests", unsupported());
  }
}
