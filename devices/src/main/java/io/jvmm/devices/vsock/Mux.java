package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_TYPE_SEQPACKET;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_TYPE_STREAM;

import io.jvmm.devices.io.IoHandler;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.SyscallException;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * All connections of a device: makes them as either side asks, and tells the guest what they have
 * to tell, in turn.
 *
 * <p>Threads: the device's I/O thread; the owner closes after it has let go.
 */
final class Mux implements AutoCloseable {
  /** VMADDR_CID_HOST ({@code linux/vm_sockets.h}). */
  static final long HOST_CID = 2;

  /** What Linux sends at most; a device need not take more of a chain than of a packet. */
  static final int PACKET_MAX = 64 * 1024;

  /**
   * Connections at a time, those included that are on their way to their end. Each costs a
   * descriptor, and what {@link Rooms} says where its host's end takes nothing.
   */
  static final int CONNECTIONS_MAX = 4096;

  /**
   * So many of those are for the host's requests alone: any program of the guest may ask for
   * connections, and should not keep the host from the guest.
   */
  static final int FOR_HOST = 128;

  /** Host ports of connections that the host asks for begin here, as other monitors have it. */
  static final int FIRST_HOST_PORT = 1 << 30;

  private final long guestCid;
  private final IoLoop loop;
  private final HostPorts ports;
  private final IoHandler tellGuest;
  private final VsockStats stats = new VsockStats();
  private final ChunkPool pool = new ChunkPool(Rooms.POOL_MAX);
  private final Rooms rooms = new Rooms();
  private final IovecArray vector = new IovecArray(IovecArray.IOV_MAX);
  private final AllConnections all = new AllConnections();
  private final ConnectionTable table = new ConnectionTable();
  private final WaitingLine line = new WaitingLine();
  private final ResetList resets = new ResetList();
  private final FlushTurns flushTurns;
  private int nextHostPort = FIRST_HOST_PORT;
  private boolean active;
  private boolean takesMessages;
  private boolean scheduled;

  /**
   * No connections.
   *
   * @param guestCid the guest's address
   * @param ports what the guest may connect to
   * @param tellGuest called at the end of a turn in which something has come for the guest
   */
  Mux(long guestCid, IoLoop loop, HostPorts ports, IoHandler tellGuest) {
    this.guestCid = guestCid;
    this.loop = loop;
    this.ports = ports;
    this.tellGuest = tellGuest;
    this.flushTurns = new FlushTurns(loop);
  }

  VsockStats stats() {
    return stats;
  }

  ChunkPool pool() {
    return pool;
  }

  /** Scratch; what is in it is lost with the next call into a connection. */
  IovecArray vector() {
    return vector;
  }

  /** The driver is ready. */
  void start(boolean messagesAgreed) {
    active = true;
    takesMessages = messagesAgreed;
  }

  /** The driver has forgotten everything: all connections end. */
  void stop(CallState call) {
    active = false;
    resets.clear();
    flushTurns.clear();
    for (Connection next = all.first(); next != null; next = all.first()) {
      table.remove(next);
      next.close(call, true);
    }
    while (line.take() != null) {
      // nobody waits any more
    }
  }

  /** Whether the driver is ready. */
  boolean isActive() {
    return active;
  }

  /** Whether the device has connections of this type: any 16 bits of the guest. */
  boolean takes(int type) {
    return type == VIRTIO_VSOCK_TYPE_STREAM
        || (type == VIRTIO_VSOCK_TYPE_SEQPACKET && takesMessages);
  }

  /** The one that the guest knows by these ports, or null. */
  @Nullable Connection connection(int hostPort, int guestPort) {
    return table.get(hostPort, guestPort);
  }

  /**
   * The guest asks for a connection.
   *
   * @param request the header, of ports without a connection
   * @return false where it does not get one
   */
  boolean accept(CallState call, VsockHeader request) {
    if (all.count() >= CONNECTIONS_MAX - FOR_HOST) {
      return false;
    }
    int hostPort = request.dstPort();
    int guestPort = request.srcPort();
    boolean messages = request.type() == VIRTIO_VSOCK_TYPE_SEQPACKET;
    HostEnd end = ports.connect(call, hostPort, guestPort, messages);
    if (end == null) {
      return false;
    }
    Connection made = add(call, hostPort, guestPort, messages, end, Connection.State.OPEN);
    if (made == null) {
      return false;
    }
    made.credit().update(request.bufAlloc(), request.fwdCnt());
    return true;
  }

  /**
   * Asks the guest for a connection.
   *
   * @param end becomes the connection's where there is one
   * @return null where the driver is not ready, or there is no room
   */
  @Nullable Connection connect(CallState call, int guestPort, boolean messages, HostEnd end) {
    if (!active || all.count() == CONNECTIONS_MAX || (messages && !takesMessages)) {
      return null;
    }
    int hostPort = freeHostPort(guestPort);
    return add(call, hostPort, guestPort, messages, end, Connection.State.REQUESTED);
  }

  private int freeHostPort(int guestPort) {
    int port;
    do { // ends: there are more ports than connections
      port = nextHostPort;
      nextHostPort = port == Integer.MAX_VALUE ? FIRST_HOST_PORT : port + 1;
    } while (table.get(port, guestPort) != null);
    return port;
  }

  private @Nullable Connection add(
      CallState call,
      int hostPort,
      int guestPort,
      boolean messages,
      HostEnd end,
      Connection.State state) {
    int type = messages ? VIRTIO_VSOCK_TYPE_SEQPACKET : VIRTIO_VSOCK_TYPE_STREAM;
    Credit credit = new Credit(rooms.take(messages));
    Connection made = new Connection(this, hostPort, guestPort, type, credit, end, state);
    table.add(made);
    all.add(made);
    if (made.wasOpen()) {
      opened();
    }
    try {
      end.attach(loop, made);
    } catch (SyscallException e) { // the host has no room to watch it
      made.close(call, true);
      return null;
    }
    line(made);
    return made;
  }

  // To the guest.

  /** A connection has something to tell, or may have. */
  void line(Connection connection) {
    line.add(connection);
    schedule();
  }

  /** There is no such connection, and the guest is told so, as far as that can be noted. */
  void refuse(int hostPort, int guestPort, int type) {
    if (resets.add(hostPort, guestPort, type)) {
      schedule();
    } else {
      stats.unanswered.add(1);
    }
  }

  private void schedule() {
    if (!scheduled && active) {
      scheduled = true;
      loop.defer(tellGuest);
    }
  }

  /** What {@link #schedule} has asked for is done. */
  void unschedule() {
    scheduled = false;
  }

  /** Whether there may be something to tell. */
  boolean hasMore() {
    return !line.isEmpty() || !resets.isEmpty();
  }

  /**
   * Hot: tells the guest one thing, and who had it goes to the end of the line.
   *
   * @param room where data goes; may be used up
   * @return how many bytes of data are behind the header, or {@link Connection#NOTHING}; that with
   *     {@link #hasMore} still true where there is data and no room for any
   */
  int say(CallState call, VsockHeader header, IovecArray room) {
    header.setCids(HOST_CID, guestCid);
    if (!resets.isEmpty()) {
      resets.take(header);
      return 0;
    }
    Connection next;
    while ((next = line.take()) != null) {
      int length = next.say(call, header, room);
      boolean more = next.hasMore();
      if (more) {
        line.add(next);
      }
      if (more || length != Connection.NOTHING) {
        return length;
      }
    }
    return Connection.NOTHING;
  }

  // Connections' own.

  /** One is open. */
  void opened() {
    stats.connections.add(1);
  }

  /** It has more for the host's end than fits into one turn. */
  void flushLater(Connection connection) {
    flushTurns.add(connection);
  }

  /** The guest has forgotten it, and may use its ports anew. */
  void forget(Connection connection) {
    table.remove(connection);
  }

  /** It is gone. */
  void closed(Connection connection) {
    table.remove(connection);
    all.remove(connection);
    rooms.give(connection.credit().bufAlloc());
    if (connection.wasOpen()) {
      stats.ended.add(1);
    }
    ports.released();
  }

  @Override
  public void close() {
    pool.close();
    vector.close();
  }
}
