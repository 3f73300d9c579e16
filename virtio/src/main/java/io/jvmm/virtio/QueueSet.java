package io.jvmm.virtio;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.SplitQueue;
import org.jspecify.annotations.Nullable;

/**
 * What a device gets when its driver is ready: the features that were agreed on, the queues, and
 * whom to tell.
 *
 * <p>Threads: made by a vCPU thread, handed whole to the I/O thread that owns the queues.
 */
public final class QueueSet {
  private final long features;
  private final GuestMemory memory;
  private final @Nullable SplitQueue[] queues;
  private final Doorbell[] doorbells;
  private final DeviceNotifier notifier;

  /**
   * Takes the arrays as they are.
   *
   * @param queues one an index, null where the driver has not made it ready
   * @param doorbells one an index
   */
  public QueueSet(
      long features,
      GuestMemory memory,
      @Nullable SplitQueue[] queues,
      Doorbell[] doorbells,
      DeviceNotifier notifier) {
    if (queues.length != doorbells.length) {
      throw new IllegalArgumentException(
          queues.length + " queues, " + doorbells.length + " doorbells");
    }
    this.features = features;
    this.memory = memory;
    this.queues = queues;
    this.doorbells = doorbells;
    this.notifier = notifier;
  }

  /** Whether the driver has accepted every feature of {@code mask}. */
  public boolean has(long mask) {
    return Features.has(features, mask);
  }

  /** The guest's RAM. */
  public GuestMemory memory() {
    return memory;
  }

  /** Queue {@code index}, or null where the driver does not use it. */
  public @Nullable SplitQueue queue(int index) {
    return queues[index];
  }

  /** What the driver rings for queue {@code index}. */
  public Doorbell doorbell(int index) {
    return doorbells[index];
  }

  /** Whom to tell. */
  public DeviceNotifier notifier() {
    return notifier;
  }
}
