package io.jvmm.virtio;

import io.jvmm.virtio.queue.QueueStats;
import org.jspecify.annotations.Nullable;

/**
 * A device with the registers in front of it, as its owner sees it.
 *
 * <p>Threads: any; the owner closes after all vCPUs have stopped.
 */
public interface VirtioTransport extends AutoCloseable {
  /** The device behind it. */
  VirtioDevice device();

  /** What the driver last did wrong, for people, or null. */
  @Nullable String problem();

  /** Whether a driver of the guest's has taken charge of the device. */
  boolean hasDriver();

  /** The counters of queue {@code index}. */
  QueueStats queueStats(int index);

  /** Tells the device's counters, the queues', and the transport's own. */
  void report(StatsSink sink);

  /** Stops the device; a second call does nothing. */
  @Override
  void close();
}
