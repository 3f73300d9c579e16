package io.jvmm.virtio.queue;

import java.util.Arrays;

/**
 * Holds back what is finished before its turn, where VIRTIO_F_IN_ORDER was agreed on: buffers are
 * used in the order in which they were made available (virtio 1.2, 2.7.9). A circle of the chains
 * that are out, as many as the queue has descriptors.
 *
 * <p>Each chain gets a used element of its own. One element for a batch is the spec's offer, not
 * its demand; it would say of all chains but the last that they were filled to the end, and spares
 * eight bytes each.
 *
 * <p>Threads: the queue's owner.
 */
final class InOrder {
  private static final int NONE = -1;
  private static final long PENDING = -1;

  private final int slotMask;
  private final int[] heads;
  private final long[] written; // PENDING, or what push said
  private final int[] slotOfHead; // NONE where no chain with this head is out
  private int oldest; // both count freely; the mask makes a slot of them
  private int next;

  /**
   * @param size the queue's
   */
  InOrder(int size) {
    slotMask = size - 1;
    heads = new int[size];
    written = new long[size];
    slotOfHead = new int[size];
    Arrays.fill(slotOfHead, NONE);
  }

  /**
   * Hot: a chain was taken; the caller sees to it that no more are out than there are descriptors.
   *
   * @return false where a chain with this head is out already
   */
  boolean take(int head) {
    if (slotOfHead[head] != NONE) {
      return false;
    }
    int slot = next++ & slotMask;
    heads[slot] = head;
    written[slot] = PENDING;
    slotOfHead[head] = slot;
    return true;
  }

  /** Hot: a chain that is out is finished. */
  void finish(int head, long length) {
    int slot = slotOfHead[head];
    if (slot == NONE) {
      throw new IllegalStateException("chain " + head + " is not out");
    }
    written[slot] = length;
  }

  /** Hot: whether the oldest chain that is out is finished. */
  boolean isOldestFinished() {
    return oldest != next && written[oldest & slotMask] != PENDING;
  }

  /** The head of the oldest chain. */
  int oldestHead() {
    return heads[oldest & slotMask];
  }

  /** What {@link #finish} said of the oldest chain. */
  long oldestWritten() {
    return written[oldest & slotMask];
  }

  /** Hot: the oldest chain is in the used ring. */
  void release() {
    slotOfHead[oldestHead()] = NONE;
    oldest++;
  }
}
