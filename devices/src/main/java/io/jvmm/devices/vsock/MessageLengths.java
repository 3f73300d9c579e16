package io.jvmm.devices.vsock;

import java.util.Arrays;

/**
 * Where messages end in a {@link ByteFifo}: their lengths, first in, first out.
 *
 * <p>Threads: the device's I/O thread.
 */
final class MessageLengths {
  /**
   * The most that wait: as many as a guest can send with one byte each. Empty ones use up none of
   * its credit, and a program would have no good reason to send as many.
   */
  static final int MAX = 1 << 16;

  private static final int[] NONE = {};

  private int[] lengths = NONE;
  private int first;
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  /** The length of the first message. */
  int first() {
    return lengths[first];
  }

  /** False where there are too many. */
  boolean add(int length) {
    if (count == MAX) {
      return false;
    }
    if (count == lengths.length) {
      int[] more = new int[Math.max(8, 2 * count)];
      for (int i = 0; i < count; i++) {
        more[i] = lengths[(first + i) % count];
      }
      lengths = more;
      first = 0;
    }
    lengths[(first + count) % lengths.length] = length;
    count++;
    return true;
  }

  /** Takes the first one off. */
  void remove() {
    first = (first + 1) % lengths.length;
    count--;
  }

  void clear() {
    first = 0;
    count = 0;
    lengths = NONE;
  }

  @Override
  public String toString() {
    return count + " messages in " + Arrays.toString(lengths);
  }
}
