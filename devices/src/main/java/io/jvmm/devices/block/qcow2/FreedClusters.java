package io.jvmm.devices.block.qcow2;

import io.jvmm.host.CallState;

/**
 * Clusters that tables in memory no longer refer to, but those on the medium may: they lose their
 * reference when the new tables are there, not before, so that nothing else is written over them.
 *
 * <p>Threads: the image's one.
 */
final class FreedClusters {
  /** Runs of clusters; when it fills up, the image is committed. */
  private static final int CAPACITY = 2048;

  /** A slice of an L2 table frees 512 runs at most, compressed clusters two, and the table one. */
  static final int ROOM_FOR_SLICE = 1200;

  private final int clusterSize;
  private final long[] offsets = new long[CAPACITY];
  private final long[] counts = new long[CAPACITY];
  private int size;

  FreedClusters(int clusterSize) {
    this.clusterSize = clusterSize;
  }

  /** Whether a change of one slice may be too much. */
  boolean isFull() {
    return size > CAPACITY - ROOM_FOR_SLICE;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Hot: each of these clusters has one reference less. */
  void add(long offset, long count) {
    if (size > 0 && offsets[size - 1] + counts[size - 1] * clusterSize == offset) {
      counts[size - 1] += count;
      return;
    }
    offsets[size] = offset;
    counts[size] = count;
    size++;
  }

  /** The medium no longer refers to them. */
  void release(CallState state, Refcounts refcounts) {
    for (int i = 0; i < size; i++) {
      refcounts.release(state, offsets[i], counts[i]);
    }
    size = 0;
  }
}
