package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.RateLimiter;
import io.jvmm.host.CallState;
import io.jvmm.host.SyscallException;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * A disk (virtio 1.2, 5.2).
 *
 * <p>Threads: as {@link VirtioDevice} says; the data of all queues moves on the thread of the loop
 * that it was given, which a slow disk can hold up. Several disks may share a loop.
 */
public final class Block implements VirtioDevice, AutoCloseable {
  /** How many queues a disk can have: one thread serves them all. */
  public static final int QUEUES_MAX = 16;

  private static final int VIRTIO_ID_BLOCK = 2;

  private final BlockBackend backend;
  private final IoLoop loop;
  private final int queueCount;
  private final BlockConfig config;
  private final BlockStats stats = new BlockStats();
  private final BlockServer server;

  /**
   * Takes ownership of the backend.
   *
   * @param loop stays the caller's, who closes it after this
   */
  public Block(BlockBackend backend, BlockOptions options, IoLoop loop) {
    this.backend = backend;
    this.loop = loop;
    this.queueCount = options.queues();
    this.config =
        new BlockConfig(
            backend.length(),
            backend.limits(),
            backend.isReadOnly(),
            options.queues(),
            options.writeThrough());
    BlockOperations operations = new BlockOperations(backend, config, id(options.serial()), stats);
    this.server = new BlockServer(loop, backend, config, options, operations, stats);
  }

  private static byte[] id(String serial) {
    byte[] id = new byte[BlockRequest.ID_LENGTH];
    byte[] text = serial.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, id, 0, Math.min(text.length, id.length));
    return id;
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
    return queueCount;
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
  public void writeConfig(int offset, int size, long value) {
    config.write(offset, size, value);
  }

  @Override
  public int configGeneration() {
    return config.generation();
  }

  @Override
  public void activate(QueueSet queues) {
    config.agree(
        queues.has(BlockConfig.VIRTIO_BLK_F_FLUSH),
        queues.has(BlockConfig.VIRTIO_BLK_F_CONFIG_WCE));
    loop.execute(() -> server.start(queues));
  }

  @Override
  public void reset() {
    loop.executeAndAwait(server::stop);
    config.forgetDriver();
  }

  /** Waits for the requests of this queue; other than at a reset, none of them is given up. */
  @Override
  public void resetQueue(int index) {
    loop.executeAndAwait(stopped -> server.stopQueue(index, stopped));
  }

  /**
   * The guest is over: a vCPU that waits in {@link #resetQueue}, perhaps for a server that is gone
   * for ever, waits no longer than in {@link #reset}. Waits for nothing itself; any thread.
   */
  public void giveUp() {
    try {
      loop.execute(server::giveUp);
    } catch (RejectedExecutionException e) {
      // The loop has ended, and everything on it.
    }
  }

  @Override
  public void enableQueue(int index, QueueSet queues) {
    loop.execute(() -> server.startQueue(index, queues));
  }

  /**
   * Asks the host how long the disk is now, and tells the driver where that is another capacity.
   * Waits for the I/O thread; not for vCPU threads.
   *
   * @return the capacity in bytes
   * @throws SyscallException where the host does not say
   * @throws IllegalStateException where the loop has ended
   */
  public long refresh() {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    try {
      loop.execute(() -> answer.completeAsync(this::refreshOnLoop, Runnable::run));
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException(name() + " is closed", e);
    }
    long length = answer.join();
    if (length < 0) {
      throw new SyscallException("length", backend.name(), (int) -length);
    }
    return length;
  }

  /**
   * Holds the driver to another rate from now on; what waits for its time asks again. Waits for the
   * I/O thread.
   *
   * @param limiter the disk's own; one without any rate lets everything through
   * @throws SyscallException where the host has no descriptor left for a first limit
   * @throws IllegalStateException where the loop has ended
   */
  public void limit(RateLimiter limiter) {
    try {
      loop.invoke(() -> server.limit(limiter));
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException(name() + " is closed", e);
    }
  }

  private long refreshOnLoop() {
    CallState state = CallState.current();
    long length = backend.refreshLength(state);
    if (length < 0) {
      return length;
    }
    server.setLength(state, length);
    return config.capacity() * BlockConfig.SECTOR_SIZE;
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
    server.close();
    backend.close();
  }
}
