package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_CREDIT_REQUEST;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_CREDIT_UPDATE;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_REQUEST;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_RESPONSE;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_RST;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_RW;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_SHUTDOWN;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_TYPE_SEQPACKET;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_TYPE_STREAM;

import io.jvmm.devices.io.IoHandler;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.SyscallException;
import io.jvmm.memory.IovecArray;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * All connections of a device: brings the guest's packets to theirs, and tells the guest what they
 * have to tell, in turn.
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
   * descriptor, and what {@link #roomFor} says where its host's end takes nothing.
   */
  static final int CONNECTIONS_MAX = 4096;

  /** Host ports of connections that the host asks for begin here, as other monitors have it. */
  static final int FIRST_HOST_PORT = 1 << 30;

  /** So many connections at a time have {@link #LARGE_ROOM}, which keeps a fast one in flow. */
  private static final int LARGE_ROOMS = 128;

  private static final int LARGE_ROOM = 256 * 1024;
  private static final int SMALL_ROOM = 32 * 1024;

  /**
   * What a message of the guest may have, since a socket of messages takes one whole, and has its
   * own limit; the pool is there for streams first.
   */
  private static final int MESSAGE_ROOM = 64 * 1024;

  /** Rooms of all, and a chunk more for each, since bytes begin anywhere in one. */
  private static final long POOL_MAX =
      (long) LARGE_ROOMS * LARGE_ROOM + (long) CONNECTIONS_MAX * (SMALL_ROOM + 2 * ChunkPool.CHUNK);

  private final long guestCid;
  private final IoLoop loop;
  private final HostPorts ports;
  private final IoHandler tellGuest;
  private final VsockStats stats = new VsockStats();
  private final ChunkPool pool = new ChunkPool(POOL_MAX);
  private final IovecArray vector = new IovecArray(IovecArray.IOV_MAX);
  private final ConnectionTable table = new ConnectionTable();
  private final WaitingLine line = new WaitingLine();
  private final ResetList resets = new ResetList();
  private final ArrayDeque<Connection> toFlush = new ArrayDeque<>();
  private final IoHandler flush = this::flush;
  private boolean flushDeferred;
  private @Nullable Connection firstOfAll;
  private int count;
  private int largeRooms;
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

  /** How many connections there are. */
  int count() {
    return count;
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
    toFlush.clear();
    for (Connection next = firstOfAll; next != null; next = firstOfAll) {
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

  // From the guest.

  /**
   * Hot: takes one packet.
   *
   * @param packet all of it
   */
  void receive(CallState call, VsockHeader header, IovecArray packet) {
    if (!header.read(packet) || header.srcCid() != guestCid || header.dstCid() != HOST_CID) {
      stats.malformed.add(1);
      return;
    }
    int hostPort = header.dstPort();
    int guestPort = header.srcPort();
    int type = header.type();
    Connection connection = table.get(hostPort, guestPort);
    if (!isType(type)
        || header.length() > PACKET_MAX
        || header.length() > packet.byteCount() - VsockHeader.SIZE
        || (header.length() > 0 && header.op() != VIRTIO_VSOCK_OP_RW)) {
      stats.malformed.add(1);
      if (connection == null) {
        refuse(header);
      } else {
        connection.reset(call);
      }
      return;
    }
    if (connection == null) {
      unknown(call, header);
    } else if (connection.type() != type) {
      connection.violated(call);
    } else {
      known(call, connection, header, packet);
    }
  }

  private boolean isType(int type) {
    return type == VIRTIO_VSOCK_TYPE_STREAM
        || (type == VIRTIO_VSOCK_TYPE_SEQPACKET && takesMessages);
  }

  private void unknown(CallState call, VsockHeader header) {
    switch (header.op()) {
      case VIRTIO_VSOCK_OP_REQUEST -> {
        if (!accept(call, header)) {
          stats.refused.add(1);
          refuse(header);
        }
      }
      case VIRTIO_VSOCK_OP_RST -> {} // nothing is to be done, and an answer would be answered
      default -> {
        stats.strays.add(1);
        refuse(header);
      }
    }
  }

  private void refuse(VsockHeader header) {
    if (header.op() == VIRTIO_VSOCK_OP_RST) {
      return;
    }
    if (resets.add(header.dstPort(), header.srcPort(), header.type())) {
      schedule();
    } else {
      stats.unanswered.add(1);
    }
  }

  private boolean accept(CallState call, VsockHeader header) {
    if (count == CONNECTIONS_MAX) {
      return false;
    }
    int type = header.type();
    HostEnd end = ports.connect(call, header.dstPort(), header.srcPort(), isMessages(type));
    if (end == null) {
      return false;
    }
    Connection connection =
        new Connection(
            this,
            header.dstPort(),
            header.srcPort(),
            type,
            new Credit(roomFor(type)),
            end,
            Connection.State.OPEN);
    if (!add(call, connection)) {
      return false;
    }
    connection.credit().update(header.bufAlloc(), header.fwdCnt());
    opened();
    line(connection);
    return true;
  }

  private static boolean isMessages(int type) {
    return type == VIRTIO_VSOCK_TYPE_SEQPACKET;
  }

  private int roomFor(int type) {
    if (isMessages(type)) {
      return MESSAGE_ROOM;
    }
    return largeRooms < LARGE_ROOMS ? LARGE_ROOM : SMALL_ROOM;
  }

  private boolean add(CallState call, Connection connection) {
    table.add(connection);
    count++;
    if (connection.credit().bufAlloc() == LARGE_ROOM) {
      largeRooms++;
    }
    connection.nextOfAll = firstOfAll;
    if (firstOfAll != null) {
      firstOfAll.previousOfAll = connection;
    }
    firstOfAll = connection;
    try {
      connection.end().attach(loop, connection);
      return true;
    } catch (SyscallException e) { // the host has no room to watch it
      table.remove(connection);
      connection.close(call, true);
      return false;
    }
  }

  private void known(CallState call, Connection connection, VsockHeader header, IovecArray packet) {
    if (header.op() == VIRTIO_VSOCK_OP_RST) {
      table.remove(connection);
      connection.forgotten(call);
      return;
    }
    if (!connection.credit().update(header.bufAlloc(), header.fwdCnt())) {
      stats.creditViolations.add(1);
      connection.reset(call);
      return;
    }
    switch (header.op()) {
      case VIRTIO_VSOCK_OP_RESPONSE -> {
        if (!connection.granted(call)) {
          connection.violated(call);
        }
      }
      case VIRTIO_VSOCK_OP_SHUTDOWN -> connection.shutdown(call, header.flags());
      case VIRTIO_VSOCK_OP_RW -> {
        vector.clear();
        vector.addFrom(packet, VsockHeader.SIZE, header.length());
        connection.receive(call, vector, header.flags());
      }
      case VIRTIO_VSOCK_OP_CREDIT_UPDATE -> {}
      case VIRTIO_VSOCK_OP_CREDIT_REQUEST -> connection.creditRequested();
      default -> connection.violated(call);
    }
    connection.creditUpdated();
  }

  // From the host.

  /**
   * Asks the guest for a connection.
   *
   * @param end becomes the connection's where there is one
   * @return null where the driver is not ready, or there is no room
   */
  @Nullable Connection connect(CallState call, int guestPort, boolean messages, HostEnd end) {
    if (!active || count == CONNECTIONS_MAX || (messages && !takesMessages)) {
      return null;
    }
    int type = messages ? VIRTIO_VSOCK_TYPE_SEQPACKET : VIRTIO_VSOCK_TYPE_STREAM;
    Connection connection =
        new Connection(
            this,
            freeHostPort(guestPort),
            guestPort,
            type,
            new Credit(roomFor(type)),
            end,
            Connection.State.REQUESTED);
    if (!add(call, connection)) {
      return null;
    }
    line(connection);
    return connection;
  }

  private int freeHostPort(int guestPort) {
    int port;
    do { // ends: there are more ports than connections
      port = nextHostPort;
      nextHostPort = port == Integer.MAX_VALUE ? FIRST_HOST_PORT : port + 1;
    } while (table.get(port, guestPort) != null);
    return port;
  }

  // To the guest.

  /** A connection has something to tell, or may have. */
  void line(Connection connection) {
    line.add(connection);
    schedule();
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
    if (connection.isToFlush) {
      return;
    }
    connection.isToFlush = true;
    toFlush.add(connection);
    deferFlush();
  }

  private void deferFlush() {
    if (!flushDeferred && !toFlush.isEmpty()) {
      flushDeferred = true;
      loop.defer(flush);
    }
  }

  /** A share of each; who has more then goes to the end. */
  private void flush(CallState call, int events) {
    flushDeferred = false;
    for (int left = toFlush.size(); left > 0; left--) {
      Connection next = toFlush.poll();
      if (next != null) {
        next.isToFlush = false;
        next.writable(call);
      }
    }
    deferFlush();
  }

  /** The guest has forgotten it, and may use its ports anew. */
  void forget(Connection connection) {
    table.remove(connection);
  }

  /** It is gone. */
  void closed(Connection connection) {
    table.remove(connection);
    count--;
    if (connection.wasOpen()) {
      stats.ended.add(1);
    }
    ports.released();
    if (connection.credit().bufAlloc() == LARGE_ROOM) {
      largeRooms--;
    }
    Connection next = connection.nextOfAll;
    Connection previous = connection.previousOfAll;
    if (next != null) {
      next.previousOfAll = previous;
    }
    if (previous != null) {
      previous.nextOfAll = next;
    } else {
      firstOfAll = next;
    }
  }

  @Override
  public void close() {
    pool.close();
    vector.close();
  }
}
