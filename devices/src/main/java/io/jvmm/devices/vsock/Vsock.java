package io.jvmm.devices.vsock;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.ConfigSpace;
import io.jvmm.devices.queue.ServedQueue;
import io.jvmm.devices.queue.ServedQueues;
import io.jvmm.host.CallState;
import io.jvmm.host.SyscallException;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.queue.DescriptorChain;
import org.jspecify.annotations.Nullable;

/**
 * A socket device (virtio 1.2, 5.10).
 *
 * <p>Threads: as {@link VirtioDevice} says; packets move on the loop's thread.
 */
public final class Vsock implements VirtioDevice, AutoCloseable {
  /** The least context id that a guest may have: those below have meanings of their own. */
  public static final long GUEST_CID_MIN = 3;

  /** The most; VMADDR_CID_ANY is above it. */
  public static final long GUEST_CID_MAX = 0xffff_fffeL;

  static final long VIRTIO_VSOCK_F_STREAM = 1;
  static final long VIRTIO_VSOCK_F_SEQPACKET = 1 << 1;

  private static final int VIRTIO_ID_VSOCK = 19;
  private static final int QUEUE_SIZE = 256;

  /** Few events, and small ones: as yet none is sent. */
  private static final int EVENT_QUEUE_SIZE = 8;

  /** le64 guest_cid. */
  private static final int CONFIG_SIZE = 8;

  private final IoLoop loop;
  private final VsockPlaces places;
  private final ConfigSpace config = new ConfigSpace(CONFIG_SIZE);
  private final ServedQueues queues;
  private final RxQueue rx = new RxQueue();
  private final TxQueue tx = new TxQueue();
  private final Mux mux;

  /** Made when it is asked for: few do. */
  private volatile @Nullable VsockPorts handlerPorts;

  /**
   * Begins to accept the host's clients, who are sent away until the driver is ready.
   *
   * @param guestCid {@link #GUEST_CID_MIN} to {@link #GUEST_CID_MAX}
   * @param places become the device's
   * @param loop stays the caller's, who closes it after this
   */
  public Vsock(long guestCid, VsockPlaces places, IoLoop loop) {
    if (guestCid < GUEST_CID_MIN || guestCid > GUEST_CID_MAX) {
      throw new IllegalArgumentException("context id " + guestCid);
    }
    this.loop = loop;
    this.places = places;
    config.setLong(0, guestCid);
    mux = new Mux(guestCid, loop, new Ports(), rx::pump);
    queues = new ServedQueues(loop, new Session());
    ServedQueue received = queues.add(rx, RxQueue.CHAINS_PER_TURN);
    queues.add(tx, TxQueue.CHAINS_PER_TURN);
    queues.add(new EventQueue(), 1);
    rx.connect(mux, received);
    tx.connect(new GuestPackets(guestCid, mux));
    loop.execute(this::openDoors);
  }

  /** The host's ports for handlers in this JVM. */
  public synchronized VsockPorts ports() {
    VsockPorts made = handlerPorts;
    if (made == null) {
      made = new VsockPorts(loop, mux);
      handlerPorts = made;
    }
    return made;
  }

  private void openDoors() {
    for (Door door : places.doors()) {
      door.open(loop, mux);
    }
  }

  /** The driver's buffers for events, which wait until there is one. */
  private static final class EventQueue implements ChainHandler {
    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
      return 0;
    }
  }

  /** The driver's coming and going. */
  private final class Session implements ServedQueues.SessionListener {
    @Override
    public void started(CallState state, QueueSet set) {
      mux.start(set.has(VIRTIO_VSOCK_F_SEQPACKET));
    }

    @Override
    public void stopped() {
      rx.forget();
      mux.stop(CallState.current());
    }
  }

  /** What the guest reaches. */
  private final class Ports implements HostPorts {
    @Override
    public @Nullable HostEnd connect(CallState call, int port, int guestPort, boolean messages) {
      VsockPorts handlers = handlerPorts;
      HostEnd end = handlers == null ? null : handlers.accept(port, guestPort);
      return end == null ? Vsock.this.connect(port, messages) : end;
    }

    @Override
    public void released() {
      for (Door door : places.doors()) {
        door.retry();
      }
    }
  }

  private @Nullable HostEnd connect(int port, boolean messages) {
    Socket given = places.takeStream(port, messages);
    if (given != null) {
      return new SocketEnd(given, messages, false);
    }
    String path = places.path();
    if (path == null) {
      return null;
    }
    try {
      SocketAddress address = SocketAddress.unix(path + "_" + Integer.toUnsignedString(port));
      Socket socket =
          messages
              ? Socket.connectMessages(address, "vsock connection")
              : Socket.connect(address, "vsock connection");
      return new SocketEnd(socket, messages, false);
    } catch (SyscallException e) {
      return null; // nobody listens there, or too many wait already
    }
  }

  @Override
  public String name() {
    return "vsock";
  }

  @Override
  public int deviceId() {
    return VIRTIO_ID_VSOCK;
  }

  @Override
  public long deviceFeatures() {
    return Features.VIRTIO_F_VERSION_1
        | Features.SPLIT_RING
        | VIRTIO_VSOCK_F_STREAM
        | VIRTIO_VSOCK_F_SEQPACKET;
  }

  @Override
  public int queueCount() {
    return queues.count();
  }

  @Override
  public int maxQueueSize(int queue) {
    return queue == 2 ? EVENT_QUEUE_SIZE : QUEUE_SIZE;
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
  public void report(StatsSink sink) {
    mux.stats().report(sink);
  }

  /**
   * Stops, ends all connections and removes the sockets' files. Call after the vCPUs have stopped,
   * before the loop closes.
   */
  @Override
  public void close() {
    reset();
    loop.runAndAwait(
        () -> {
          for (Door door : places.doors()) {
            door.shut();
          }
        });
    places.close();
    mux.close();
    rx.close();
    tx.close();
  }
}
