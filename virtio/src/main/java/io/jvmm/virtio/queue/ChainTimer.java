package io.jvmm.virtio.queue;

/**
 * Takes the time that chains stay with the device.
 *
 * <p>Threads: the queue's owner.
 */
final class ChainTimer {
  private final LatencyHistogram latencies;

  /** When each chain was taken, by its head. */
  private final long[] takenNanos;

  /**
   * @param size of the queue
   */
  ChainTimer(LatencyHistogram latencies, int size) {
    this.latencies = latencies;
    this.takenNanos = new long[size];
  }

  /** Hot: the device takes a chain. */
  void taken(int head) {
    takenNanos[head] = System.nanoTime();
  }

  /** Hot: the device gives it back. */
  void used(int head) {
    latencies.record(System.nanoTime() - takenNanos[head]);
  }
}
