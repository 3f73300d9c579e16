package io.jvmm.devices.net;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import java.util.function.Consumer;

/**
 * A network device (virtio 1.2, 5.1).
 *
 * <p>Queues: of each pair the driver's input, then its output; behind all pairs that the driver
 * uses the control queue.
 *
 * <p>Threads: as {@link VirtioDevice} says; frames of all queues move on the thread of the loop
 * that it was given. Several devices may share a loop.
 */
public final class Net implements VirtioDevice, AutoCloseable {
  /** How many pairs of queues a device can have: one thread serves them all. */
  public static final int QUEUE_PAIRS_MAX = 16;

  /** What IPv4 asks of every link (and virtio 1.2, 5.1.4.1). */
  public static final int MTU_MIN = 68;

  /** The longest IP packet. */
  public static final int MTU_MAX = 65_535;

  private static final int VIRTIO_ID_NET = 1;

  /** As many buffers as other monitors give: a driver fills them with half a mebibyte. */
  private static final int QUEUE_SIZE = 256;

  private static final int CONTROL_QUEUE_SIZE = 64;

  private static final long ALWAYS =
      Features.VIRTIO_F_VERSION_1
          | Features.SPLIT_RING
          | Features.VIRTIO_F_RING_RESET
          | NetFeatures.VIRTIO_NET_F_MRG_RXBUF
          | NetFeatures.VIRTIO_NET_F_CTRL_VQ
          | NetFeatures.VIRTIO_NET_F_CTRL_RX
          | NetFeatures.VIRTIO_NET_F_CTRL_RX_EXTRA
          | NetFeatures.VIRTIO_NET_F_CTRL_MAC_ADDR;

  private final NetBackend backend;
  private final IoLoop loop;
  private final int queuePairs;
  private final NetSpace space;
  private final NetStats stats = new NetStats();
  private final NetServer server;

  /**
   * Takes ownership of the backend, and begins to watch it.
   *
   * @param loop stays the caller's, who closes it after this
   * @param news hears in one line for people that the backend is gone, or back; on the loop
   * @throws IllegalArgumentException where the backend has not so many pairs of queues; it stays
   *     the caller's then, as with the next
   * @throws io.jvmm.host.SyscallException where the host has no descriptor left for a limit's timer
   */
  public Net(NetBackend backend, NetOptions options, IoLoop loop, Consumer<String> news) {
    this.backend = backend;
    this.loop = loop;
    this.queuePairs = options.queuePairs();
    if (queuePairs > backend.maxQueuePairs()) {
      throw new IllegalArgumentException(
          backend.name() + " has " + backend.maxQueuePairs() + " pairs of queues");
    }
    int mtu = options.mtu() == 0 ? backend.mtu() : options.mtu();
    this.space = new NetSpace(options.mac(), queuePairs, mtu);
    this.server = new NetServer(loop, backend, options, space, stats, news);
    loop.execute(() -> backend.attach(loop, server));
  }

  @Override
  public String name() {
    return "net " + backend.name();
  }

  @Override
  public int deviceId() {
    return VIRTIO_ID_NET;
  }

  @Override
  public long deviceFeatures() {
    long offloads = backend.offloads() & NetFeatures.OFFLOADS;
    long changeable =
        (offloads & NetFeatures.GUEST_OFFLOADS) == 0
            ? 0
            : NetFeatures.VIRTIO_NET_F_CTRL_GUEST_OFFLOADS;
    return ALWAYS | offloads | changeable | space.features();
  }

  @Override
  public int queueCount() {
    return 2 * queuePairs + 1;
  }

  @Override
  public int maxQueueSize(int queue) {
    return queue == 2 * queuePairs ? CONTROL_QUEUE_SIZE : QUEUE_SIZE;
  }

  @Override
  public long readConfig(int offset, int size) {
    return space.read(offset, size);
  }

  @Override
  public int configGeneration() {
    return space.generation();
  }

  @Override
  public void activate(QueueSet set) {
    loop.execute(() -> server.start(set));
  }

  @Override
  public void reset() {
    loop.runAndAwait(server::stop);
  }

  @Override
  public void resetQueue(int index) {
    loop.runAndAwait(() -> server.stopQueue(index));
  }

  @Override
  public void enableQueue(int index, QueueSet set) {
    loop.execute(() -> server.startQueue(index, set));
  }

  /**
   * Plugs the cable in, or pulls it: the driver hears of it, and while it is out frames are dropped
   * both ways. Waits until it is done; not for vCPU threads.
   */
  public void setLink(boolean up) {
    loop.runAndAwait(() -> server.setPluggedIn(up));
  }

  @Override
  public void report(StatsSink sink) {
    stats.report(sink);
  }

  /** Stops, and closes the backend. Call after the vCPUs have stopped, before the loop closes. */
  @Override
  public void close() {
    loop.runAndAwait(
        () -> {
          server.stop();
          backend.detach();
        });
    server.close();
    backend.close();
  }
}
