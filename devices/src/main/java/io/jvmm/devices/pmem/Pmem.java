package io.jvmm.devices.pmem;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.queue.ServedQueues;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;

/**
 * Persistent memory (virtio 1.2, 5.19): tells the guest where in its address space the image lies
 * that the machine has put there.
 *
 * <p>Threads: as {@link VirtioDevice} says.
 */
public final class Pmem implements VirtioDevice, AutoCloseable {
  private static final int VIRTIO_ID_PMEM = 27;
  private static final int QUEUE_SIZE = 64;

  private final String path;
  private final PmemConfig config;
  private final PmemQueue handler = new PmemQueue();
  private final ServedQueues queues;

  /**
   * @param path of the image, for people
   * @param gpa where the guest finds it
   * @param length in bytes
   * @param loop stays the caller's, who closes it after this
   */
  public Pmem(String path, long gpa, long length, IoLoop loop) {
    this.path = path;
    this.config = new PmemConfig(gpa, length);
    this.queues = new ServedQueues(loop, ServedQueues.SessionListener.NONE);
    queues.add(handler, QUEUE_SIZE);
  }

  @Override
  public String name() {
    return "pmem " + path;
  }

  @Override
  public int deviceId() {
    return VIRTIO_ID_PMEM;
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
    return config.read(offset, size);
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
