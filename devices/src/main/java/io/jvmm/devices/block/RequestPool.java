package io.jvmm.devices.block;

import io.jvmm.virtio.queue.DescriptorChain;
import java.util.Arrays;

/**
 * The requests of a disk that may be under way at once, made as they are needed and reused.
 *
 * <p>Threads: the device's I/O thread, until it no longer calls.
 */
final class RequestPool implements AutoCloseable {
  private static final int INITIAL_COUNT = 4;

  private final int max;
  private BlockRequest[] made = new BlockRequest[0];
  private int[] free = new int[0];
  private int freeCount;

  /**
   * @param max at least one
   */
  RequestPool(int max) {
    this.max = max;
  }

  /** Hot: whether {@link #take} has one. */
  boolean hasFree() {
    return freeCount > 0 || made.length < max;
  }

  /** Hot: one that is not under way; only after {@link #hasFree}. */
  BlockRequest take() {
    if (freeCount == 0) {
      grow();
    }
    return made[free[--freeCount]];
  }

  private void grow() {
    int before = made.length;
    int count = Math.min(Math.max(2 * before, INITIAL_COUNT), max);
    made = Arrays.copyOf(made, count);
    free = Arrays.copyOf(free, count);
    for (int i = before; i < count; i++) {
      made[i] = new BlockRequest(i, DescriptorChain.MAX_INDIRECT_DESCRIPTORS);
      free[freeCount++] = i;
    }
  }

  /** Hot: by its name. */
  BlockRequest get(int token) {
    return made[token];
  }

  /** Hot: it is no longer under way. */
  void release(BlockRequest request) {
    request.setQueue(null);
    free[freeCount++] = request.token();
  }

  /** Whether none is under way. */
  boolean isIdle() {
    return freeCount == made.length;
  }

  /** Whether none of this queue is under way. */
  boolean isIdle(BlockQueue queue) {
    for (BlockRequest request : made) {
      if (request.queue() == queue) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    for (BlockRequest request : made) {
      request.close();
    }
  }
}
