package io.jvmm.devices.serial;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bounded queue of bytes from one thread to another, in native memory, so that a system call can
 * read from it in place.
 *
 * <p>Threads: one at a time produces ({@code put}, {@code free}), one at a time consumes (the
 * rest). Positions are volatile, not merely released: each side stores its position and then looks
 * at a flag that says whether the other sleeps, and that order (store, then load) needs the full
 * strength.
 */
final class ByteRing implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment bytes;
  private final int mask;

  /** Bytes ever put; written by the producer. */
  private final AtomicLong tail = new AtomicLong();

  /** Bytes ever taken; written by the consumer. */
  private final AtomicLong head = new AtomicLong();

  /**
   * An empty ring.
   *
   * @param capacity in bytes, a power of two
   */
  ByteRing(int capacity) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("ring of " + capacity + " bytes");
    }
    this.bytes = arena.allocate(capacity);
    this.mask = capacity - 1;
  }

  int capacity() {
    return mask + 1;
  }

  /** Bytes that are there to be taken; either side may ask. */
  int available() {
    return (int) (tail.get() - head.get());
  }

  /** Bytes that can be put; either side may ask. */
  int free() {
    return capacity() - available();
  }

  /** Producer: adds a byte; false where the ring is full. */
  boolean put(byte value) {
    long at = tail.get();
    if (at - head.get() > mask) {
      return false;
    }
    bytes.set(ValueLayout.JAVA_BYTE, at & mask, value);
    tail.set(at + 1);
    return true;
  }

  /** Consumer: takes a byte; the ring must not be empty. */
  byte take() {
    long at = head.get();
    byte value = bytes.get(ValueLayout.JAVA_BYTE, at & mask);
    head.set(at + 1);
    return value;
  }

  /** Consumer: byte {@code index} of those that are there, left in place. */
  byte peek(int index) {
    return bytes.get(ValueLayout.JAVA_BYTE, (head.get() + index) & mask);
  }

  /** Consumer: where the oldest byte lies, good until it is skipped or the ring is closed. */
  long address() {
    return bytes.address() + (head.get() & mask);
  }

  /** Consumer: how many bytes lie in one piece from {@link #address()} on. */
  int contiguous() {
    return Math.min(available(), capacity() - (int) (head.get() & mask));
  }

  /** Consumer: takes {@code count} bytes off, which must be there. */
  void skip(int count) {
    head.set(head.get() + count);
  }

  /** Call after both threads have stopped. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
