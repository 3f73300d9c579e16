package io.jvmm.devices.rng;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.queue.ServedQueues;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;

/**
 * An entropy device (virtio 1.2, 5.4): the host kernel's random bytes.
 *
 * <p>Threads: as {@link VirtioDevice} says; bytes are made on the loop's thread.
 */
public final class Rng implements VirtioDevice, AutoCloseable {
  private static final int VIRTIO_ID_RNG = 4;

  /** Linux has one request under way. */
  private static final int QUEUE_SIZE = 8;

  private final RngQueue handler = new RngQueue();
  private final ServedQueues queues;

  /**
   * @param loop stays the caller's, who closes it after this
   */
  public Rng(IoLoop loop) {
    this.queues = new ServedQueues(loop, ServedQueues.SessionListener.NONE);
    queues.add(handler, RngQueue.CHAINS_PER_TURN);
  }

  @Override
  public String name() {
    return "rng";
  }

  @Override
  public int deviceId() {
    return VIRTIO_ID_RNG;
  }

  @Override
  public long deviceFeatures() {
    return Features.VIRTIO_F_VERSION_1 | Features.SPLIT_RING | Features.VIRTIO_F_RING_RESET;
  }

  @Override
  public int queueCount() {
    return queues.count();
  }

  @Override
  public int maxQueueSize(int queue) {
    return QUEUE_SIZE;
  }

  @Override
  public long readConfig(int offset, int size) {
    return 0;
  }

  @Override
  public void activate(QueueSet set) {
    queues.activate(set);
  }

  @Override
  public void reset() {
    queues.reset();
  }

  @Override
  public void resetQueue(int index) {
    queues.resetQueue(index);
  }

  @Override
  public void enableQueue(int index, QueueSet set) {
    queues.enableQueue(index, set);
  }

  @Override
  public void report(StatsSink sink) {
    handler.report(sink);
  }

  /** Stops. Call after the vCPUs have stopped, before the loop closes. */
  @Override
  public void close() {
    reset();
  }
}
