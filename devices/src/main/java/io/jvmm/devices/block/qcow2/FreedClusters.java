package io.jvmm.devices.block.qcow2;

import io.jvmm.host.CallState;
import java.util.Arrays;

/**
 * Clusters that tables in memory no longer refer to, but those on the medium may: they lose their
 * reference when the new tables are there, not before, so that nothing else is written over them.
 *
 * <p>Threads: the image's one.
 */
final class FreedClusters {
  /**
   * Runs of clusters, 256 KiB of them; when it fills up, the image is committed. The more there are
   * the fewer calls give them back, which cost milliseconds each.
   */
  private static final int CAPACITY = 32 << 10;

  /** A slice of an L2 table frees 512 runs at most, compressed clusters two, and the table one. */
  static final int ROOM_FOR_SLICE = 1200;

  /** A run's count is kept in so many bits, its first cluster above them. */
  private static final int COUNT_BITS = 16;

  private static final int COUNT_MAX = (1 << COUNT_BITS) - 1;

  private final int clusterBits;
  private final long[] runs = new long[CAPACITY];
  private int size;

  FreedClusters(int clusterBits) {
    this.clusterBits = clusterBits;
  }

  /** Whether a change of one slice may be too much. */
  boolean isFull() {
    return size > CAPACITY - ROOM_FOR_SLICE;
  }

  /** Hot: each of these clusters, few of them, has one reference less. */
  void add(long offset, long count) {
    long first = offset >>> clusterBits;
    if (size > 0) {
      long last = runs[size - 1];
      long lastCount = last & COUNT_MAX;
      if ((last >>> COUNT_BITS) + lastCount == first && lastCount + count <= COUNT_MAX) {
        runs[size - 1] = last + count;
        return;
      }
    }
    runs[size++] = (first << COUNT_BITS) | count;
  }

  /** The medium no longer refers to them. */
  void release(CallState state, Refcounts refcounts) {
    Arrays.sort(runs, 0, size); // what lies side by side goes back to the host in one call
    int i = 0;
    while (i < size) {
      long first = runs[i] >>> COUNT_BITS;
      long count = 0;
      while (i < size && runs[i] >>> COUNT_BITS == first + count) {
        count += runs[i] & COUNT_MAX;
        i++;
      }
      refcounts.release(state, first << clusterBits, count);
    }
    size = 0;
  }
}
