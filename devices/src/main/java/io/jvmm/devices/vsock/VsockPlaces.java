package io.jvmm.devices.vsock;

import io.jvmm.host.SyscallException;
import io.jvmm.host.socket.ListeningSocket;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketFile;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the host's programs are, opened before there is a device: a Unix socket's path, and
 * descriptors that ports are bound to.
 *
 * <p>At {@code PATH} jvmm listens. A client writes {@code CONNECT PORT\n} and reads {@code OK
 * HOSTPORT\n} when a program in the guest that listens at that port has been reached; else the
 * connection is closed. What the guest connects to at port N is what listens at {@code PATH_N}. A
 * guest's sockets of messages (SOCK_SEQPACKET) are the host's: clients of them come to {@code
 * PATH_seqpacket}, with the same two messages first, and {@code PATH_N} is a socket of messages
 * where the guest asks for one.
 *
 * <p>Threads: one makes it; the device's I/O thread has it then, the owner closes after that has
 * let go.
 */
public final class VsockPlaces implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final String MESSAGES = "_seqpacket";

  private final @Nullable String path;
  private final List<SocketFile> files = new ArrayList<>();
  private final List<Door> doors = new ArrayList<>();
  private final List<GivenStream> streams = new ArrayList<>();
  private boolean closed;

  /**
   * A connected socket that the guest gets when it connects to the port; the first one who does.
   */
  private record GivenStream(int port, Socket socket, boolean messages) {}

  private VsockPlaces(@Nullable String path) {
    this.path = path;
  }

  /** No place at all, for ports that are bound to descriptors or to handlers alone. */
  public static VsockPlaces none() {
    return new VsockPlaces(null);
  }

  /**
   * Listens at {@code path} and {@code path_seqpacket}, for this process's user alone. What a
   * process left behind there that is no more is replaced.
   *
   * @throws SyscallException EADDRINUSE where somebody listens there, EEXIST for a file that is no
   *     socket, ENAMETOOLONG
   */
  public static VsockPlaces unix(String path) {
    VsockPlaces places = new VsockPlaces(path);
    try {
      SocketFile bytes = SocketFile.listen(path, BACKLOG, "vsock");
      places.files.add(bytes);
      places.doors.add(new Door(bytes.socket(), false, Door.ANY_PORT));
      SocketFile messages = SocketFile.listenForMessages(path + MESSAGES, BACKLOG, "vsock");
      places.files.add(messages);
      places.doors.add(new Door(messages.socket(), true, Door.ANY_PORT));
      return places;
    } catch (SyscallException e) {
      places.close();
      throw e;
    }
  }

  /**
   * Binds a port to a descriptor that this process was given, which stays the caller's and may be
   * closed at once. Who connects to a listening socket reaches the guest's port, without a word; a
   * connected socket is what the guest reaches at the port, once.
   *
   * @throws SyscallException ENOTSOCK for what is no socket, EBADF
   */
  public void bind(int port, int descriptor) {
    String role = "vsock port " + Integer.toUnsignedString(port);
    boolean messages = Socket.isMessages(descriptor, role);
    if (Socket.isListening(descriptor, role)) {
      ListeningSocket socket = ListeningSocket.inherited(descriptor, role);
      doors.add(new Door(socket, messages, Integer.toUnsignedLong(port)));
    } else {
      streams.add(new GivenStream(port, Socket.inherited(descriptor, role), messages));
    }
  }

  @Nullable String path() {
    return path;
  }

  List<Door> doors() {
    return doors;
  }

  /** The socket that was bound to a port, if nobody has had it yet. */
  @Nullable Socket takeStream(int port, boolean messages) {
    for (int i = 0; i < streams.size(); i++) {
      GivenStream stream = streams.get(i);
      if (stream.port() == port && stream.messages() == messages) {
        streams.remove(i);
        return stream.socket();
      }
    }
    return null;
  }

  /** Removes the sockets' files too; a second call does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (SocketFile file : files) {
      file.remove();
    }
    for (Door door : doors) {
      door.close();
    }
    for (SocketFile file : files) {
      file.close();
    }
    for (GivenStream stream : streams) {
      stream.socket().close();
    }
    streams.clear();
  }
}
