package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;

/**
 * A disk (virtio 1.2, 5.2) with one queue.
 *
 * <p>Threads: as {@link VirtioDevice} says; the data moves on the thread of the loop that it was
 * given, which a slow disk can hold up. Several disks may share a loop.
 */
public final class Block implements VirtioDevice, AutoCloseable {
  private static final int VIRTIO_ID_BLOCK = 2;

  private final BlockBackend backend;
  private final IoLoop loop;
  private final BlockConfig config;
  private final BlockStats stats = new BlockStats();
  private final BlockQueue queue;

  /**
   * Takes ownership of the backend.
   *
   * @param serial what the guest sees as the disk's serial number: its first {@value
   *     BlockRequest#ID_LENGTH} bytes
   * @param loop stays the caller's, who closes it after this
   */
  public Block(BlockBackend backend, String serial, IoLoop loop) {
    this.backend = backend;
    this.loop = loop;
    this.config = new BlockConfig(backend.length(), backend.isReadOnly());
    byte[] id = new byte[BlockRequest.ID_LENGTH];
    byte[] text = serial.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, id, 0, Math.min(text.length, id.length));
    this.queue = new BlockQueue(loop, backend, config, stats, id);
  }

  @Override
  public String name() {
    return "disk " + backend.name();
  }

  @Override
  public int deviceId() {
    return VIRTIO_ID_BLOCK;
  }

  @Override
  public long deviceFeatures() {
    return config.features();
  }

  @Override
  public int queueCount() {
    return 1;
  }

  @Override
  public int maxQueueSize(int index) {
    return BlockConfig.QUEUE_SIZE;
  }

  @Override
  public long readConfig(int offset, int size) {
    return config.read(offset, size);
  }

  @Override
  public void activate(QueueSet queues) {
    loop.execute(() -> queue.start(queues));
  }

  @Override
  public void reset() {
    CountDownLatch stopped = new CountDownLatch(1);
    try {
      loop.execute(() -> queue.stop(stopped::countDown));
    } catch (RejectedExecutionException e) {
      return; // the loop has ended, and everything on it
    }
    boolean interrupted = false;
    while (true) {
      try {
        stopped.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The counters; any thread. */
  public BlockStats stats() {
    return stats;
  }

  @Override
  public void report(StatsSink sink) {
    stats.report(sink);
  }

  /** Stops, and closes the backend. Call after the vCPUs have stopped, before the loop closes. */
  @Override
  public void close() {
    reset();
    queue.close();
    backend.close();
  }
}
