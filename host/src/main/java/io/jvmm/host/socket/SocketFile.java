package io.jvmm.host.socket;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket's place in the file system: there as long as somebody listens, and no longer. What
 * a machine that was killed has left there is replaced; a socket that lives, or what is no socket,
 * stays.
 *
 * <p>Threads: the owner's alone.
 */
public final class SocketFile implements AutoCloseable {
  private final Path path;
  private final ListeningSocket socket;

  /** Tells our file from one that somebody has put there since. */
  private final @Nullable Object key;

  private SocketFile(Path path, ListeningSocket socket, @Nullable Object key) {
    this.path = path;
    this.socket = socket;
    this.key = key;
  }

  /**
   * Listens, for the owner of this process alone.
   *
   * @param backlog how many may wait to be accepted
   * @throws SyscallException EADDRINUSE where somebody listens there, EEXIST where there is
   *     something else, ENAMETOOLONG
   */
  public static SocketFile listen(String name, int backlog, String role) {
    SocketAddress address = SocketAddress.unix(name);
    Path path = Path.of(name);
    removeDead(address, path, role);
    ListeningSocket socket = ListeningSocket.listenForOwner(address, backlog, role);
    return new SocketFile(path, socket, key(path));
  }

  /** As {@link #listen}, for a socket of messages. */
  public static SocketFile listenForMessages(String name, int backlog, String role) {
    SocketAddress address = SocketAddress.unix(name);
    Path path = Path.of(name);
    removeDead(address, path, role);
    ListeningSocket socket = ListeningSocket.listenForOwnersMessages(address, backlog, role);
    return new SocketFile(path, socket, key(path));
  }

  private static void removeDead(SocketAddress address, Path path, String role) {
    BasicFileAttributes there = attributes(path);
    if (there == null) {
      return;
    }
    if (!there.isOther()) {
      throw new SyscallException("bind", address.toString(), Errno.EEXIST);
    }
    if (isDead(address, role)) {
      delete(path);
      return;
    }
    throw new SyscallException("bind", address.toString(), Errno.EADDRINUSE);
  }

  private static boolean isDead(SocketAddress address, String role) {
    try {
      Socket.connect(address, role).close();
      return false;
    } catch (SyscallException e) {
      if (e.is(Errno.EPROTOTYPE)) {
        return isDeadForMessages(address, role);
      }
      if (e.is(Errno.ECONNREFUSED)) {
        return true;
      }
      throw e; // EAGAIN: it lives, and is busy; EPERM: it is another's
    }
  }

  private static boolean isDeadForMessages(SocketAddress address, String role) {
    try {
      Socket.connectMessages(address, role).close();
      return false;
    } catch (SyscallException e) {
      if (e.is(Errno.ECONNREFUSED)) {
        return true;
      }
      throw e;
    }
  }

  private static @Nullable BasicFileAttributes attributes(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      return null; // bind tells, if it matters
    }
  }

  private static @Nullable Object key(Path path) {
    BasicFileAttributes attributes = attributes(path);
    return attributes == null ? null : attributes.fileKey();
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Then the file stays, and who listens there next is told so by bind.
    }
  }

  /** The socket, which stays this object's. */
  public ListeningSocket socket() {
    return socket;
  }

  /** Removes the file, and refuses all who come from now on; a second call does nothing. */
  public void remove() {
    if (key != null && key.equals(key(path))) {
      delete(path);
    }
    socket.stop(CallState.current());
  }

  @Override
  public void close() {
    socket.close();
  }
}
