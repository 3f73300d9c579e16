package io.jvmm.devices.vsock;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A socket of the host, of bytes or of messages. It is watched for edges, so nothing has to be
 * changed while data flows; for room to write only while there is none.
 *
 * <p>Threads: the device's I/O thread.
 */
final class SocketEnd implements HostEnd {
  private static final int WATCHED = Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLET;
  private static final int GONE = Epoll.EPOLLHUP | Epoll.EPOLLERR;

  private final Socket socket;
  private final boolean messages;

  /** Whether the client waits for {@code OK PORT}. */
  private final boolean greets;

  private @Nullable IoLoop loop;
  private @Nullable Listener listener;
  private boolean gone;
  private boolean awaitsRoom;

  /**
   * @param socket becomes this object's
   * @param greets whether the client is told {@code OK PORT} when the guest has granted it
   */
  SocketEnd(Socket socket, boolean messages, boolean greets) {
    this.socket = socket;
    this.messages = messages;
    this.greets = greets;
  }

  @Override
  public void attach(IoLoop newLoop, Listener newListener) {
    loop = newLoop;
    listener = newListener;
    // What is there already is an edge of its own.
    newLoop.register(socket.fd(), WATCHED, this::ready);
  }

  private void ready(CallState state, int events) {
    Listener told = listener;
    if (told == null) {
      return;
    }
    gone |= (events & GONE) != 0;
    if (awaitsRoom && (events & (Epoll.EPOLLOUT | GONE)) != 0) {
      told.writable(state);
    }
    if (listener != null && (events & (Epoll.EPOLLIN | Epoll.EPOLLRDHUP | GONE)) != 0) {
      told.readable(state);
    }
  }

  @Override
  public void opened(CallState state, Connection connection) {
    if (greets) {
      String line = "OK " + Integer.toUnsignedString(connection.hostPort()) + "\n";
      for (int i = 0; i < line.length(); i++) {
        state.scratch().set(ValueLayout.JAVA_BYTE, i, (byte) line.charAt(i));
      }
      // The socket is empty; where this fails the client has gone, which is found when it is read.
      socket.trySend(state, state.scratch().address(), line.length());
    }
  }

  @Override
  public long tryRead(CallState state, IovecArray to) {
    long n;
    do {
      n =
          messages
              ? socket.tryReceiveMessage(state, to.address(), to.count())
              : socket.tryReceiveVector(state, to.address(), to.count());
    } while (n == -Errno.EINTR);
    return n;
  }

  @Override
  public long tryWrite(CallState state, IovecArray from) {
    long n;
    do {
      n = socket.trySendVector(state, from.address(), from.count());
    } while (n == -Errno.EINTR);
    boolean full = n == -Errno.EAGAIN || (n >= 0 && n < from.byteCount());
    if (full != awaitsRoom) {
      await(full);
    }
    return n;
  }

  private void await(boolean room) {
    awaitsRoom = room;
    IoLoop on = loop;
    if (on != null) {
      on.modify(socket.fd(), room ? WATCHED | Epoll.EPOLLOUT : WATCHED);
    }
  }

  @Override
  public void shutdownInput(CallState state) {
    socket.tryShutdownInput(state);
  }

  @Override
  public void shutdownOutput(CallState state) {
    socket.tryShutdownOutput(state);
  }

  @Override
  public boolean isGone() {
    return gone;
  }

  @Override
  public void close(CallState state, boolean reset) {
    listener = null;
    IoLoop on = loop;
    if (on != null) {
      on.unregister(socket.fd());
    }
    socket.close();
  }

  @Override
  public String toString() {
    return socket.toString();
  }
}
