package io.jvmm.devices.block;

/**
 * Queues whose chains wait without a doorbell, the longest waiting first, none of them twice.
 *
 * <p>Threads: the device's I/O thread.
 */
final class WaitingQueues {
  private final BlockQueue[] ring;
  private int first;
  private int count;

  /**
   * @param capacity how many queues there are
   */
  WaitingQueues(int capacity) {
    this.ring = new BlockQueue[capacity];
  }

  /** Hot: how many there are. */
  int count() {
    return count;
  }

  /** Hot: puts a queue behind the others, unless it waits already. */
  void add(BlockQueue queue) {
    if (!queue.isWaiting()) {
      queue.setWaiting(true);
      ring[(first + count) % ring.length] = queue;
      count++;
    }
  }

  /** Hot: the one that has waited longest; there is one. */
  BlockQueue first() {
    return ring[first];
  }

  /** Hot: takes the one that has waited longest; there is one. */
  BlockQueue remove() {
    BlockQueue queue = ring[first];
    queue.setWaiting(false);
    first = (first + 1) % ring.length;
    count--;
    return queue;
  }

  /** Hot: puts a queue before the others, unless it waits already. */
  void putBack(BlockQueue queue) {
    if (!queue.isWaiting()) {
      queue.setWaiting(true);
      first = (first + ring.length - 1) % ring.length;
      ring[first] = queue;
      count++;
    }
  }

  /** Takes out a queue, where it waits. */
  void remove(BlockQueue queue) {
    for (int left = count; left > 0; left--) {
      BlockQueue next = remove();
      if (next != queue) {
        add(next);
      }
    }
  }

  void clear() {
    while (count > 0) {
      remove();
    }
  }
}
