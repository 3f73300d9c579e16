package io.jvmm.devices.vsock;

/**
 * Where messages end in a {@link ByteFifo}: their lengths, first in, first out. In the pool's
 * memory, since a guest may have thousands of connections with as many messages as {@link #MAX}.
 *
 * <p>Threads: the device's I/O thread.
 */
final class MessageLengths {
  /**
   * The most that wait: as many as a guest can send with one byte each. Empty ones use up none of
   * its credit, and a program would have no good reason to send as many.
   */
  static final int MAX = 1 << 16;

  private final ByteFifo lengths;

  MessageLengths(ChunkPool pool) {
    lengths = new ByteFifo(pool);
  }

  boolean isEmpty() {
    return lengths.isEmpty();
  }

  /** The length of the first message. */
  int first() {
    return lengths.firstInt();
  }

  /** False where there are too many, or the pool has too little. */
  boolean add(int length) {
    return lengths.size() < MAX * Integer.BYTES && lengths.appendInt(length);
  }

  /** Takes the first one off. */
  void remove() {
    lengths.consume(Integer.BYTES);
  }

  void clear() {
    lengths.clear();
  }
}
