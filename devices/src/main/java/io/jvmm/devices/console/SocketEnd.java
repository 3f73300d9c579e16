package io.jvmm.devices.console;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.TimerFd;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.socket.ListeningSocket;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket that one program at a time connects to; the next one waits until it is gone.
 *
 * <p>Threads: as {@link HostEnd} says.
 */
public final class SocketEnd implements HostEnd {
  private static final int BACKLOG = 1;
  private static final int GONE = Epoll.EPOLLHUP | Epoll.EPOLLERR;

  /** Where the process has no descriptor left, before the next try. */
  private static final long EXHAUSTED_PAUSE_NANOS = 200_000_000;

  private final String path;
  private final ListeningSocket listening;

  /** There from the start: when it is needed no descriptor is left. */
  private final TimerFd retry;

  private @Nullable Socket client;

  /** The client sends no more, though it may still read. */
  private boolean inputEnded;

  /** The client is gone altogether; what it has sent is still there. */
  private boolean gone;

  private @Nullable Watch clientWatch;
  private @Nullable Watch listeningWatch;
  private @Nullable Watch retryWatch;
  private @Nullable IoLoop loop;
  private @Nullable Listener listener;

  private SocketEnd(String path, ListeningSocket listening, TimerFd retry) {
    this.path = path;
    this.listening = listening;
    this.retry = retry;
  }

  /**
   * Makes the socket, mode 0600: only the process's own user and root connect. One that a process
   * left behind which is no more is replaced.
   *
   * @throws SyscallException EADDRINUSE where the path is taken
   */
  public static SocketEnd listen(String path) {
    SocketAddress address = SocketAddress.unix(path);
    TimerFd retry = TimerFd.create(path + " timer");
    try {
      return new SocketEnd(path, listenAt(path, address), retry);
    } catch (RuntimeException e) {
      retry.close();
      throw e;
    }
  }

  private static ListeningSocket listenAt(String path, SocketAddress address) {
    try {
      return ListeningSocket.listenForOwner(address, BACKLOG, path);
    } catch (SyscallException e) {
      if (!e.is(Errno.EADDRINUSE) || !isLeftBehind(path, address)) {
        throw e;
      }
      remove(path);
      return ListeningSocket.listenForOwner(address, BACKLOG, path);
    }
  }

  /** Only a socket is: a file that is none refuses connections too. */
  private static boolean isLeftBehind(String path, SocketAddress address) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(Path.of(path), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isOther()) {
        return false;
      }
    } catch (IOException e) {
      return false;
    }
    try (Socket probe = Socket.connect(address, path)) {
      return probe.fd().isClosed(); // somebody listens
    } catch (SyscallException e) {
      return e.is(Errno.ECONNREFUSED);
    }
  }

  private static void remove(String path) {
    try {
      Files.deleteIfExists(Path.of(path));
    } catch (IOException e) {
      // It stays behind; who comes next finds out.
    }
  }

  @Override
  public void attach(IoLoop newLoop, Listener newListener) {
    loop = newLoop;
    listener = newListener;
    listeningWatch = new Watch(newLoop, listening.fd(), (state, events) -> accept(state));
    listeningWatch.set(Epoll.EPOLLIN);
    retryWatch = new Watch(newLoop, retry.fd(), (state, events) -> tryAgain(state));
    retryWatch.set(Epoll.EPOLLIN);
  }

  private void tryAgain(CallState state) {
    retry.drain(state);
    if (client == null && listeningWatch != null) {
      listeningWatch.set(Epoll.EPOLLIN);
    }
  }

  private void accept(CallState state) {
    IoLoop on = loop;
    Listener told = listener;
    Watch watch = listeningWatch;
    if (on == null || told == null || watch == null || client != null) {
      return;
    }
    Socket accepted = null;
    try {
      accepted = listening.accept(path);
      if (accepted == null) {
        return;
      }
      clientWatch = new Watch(on, accepted.fd(), this::ready);
      clientWatch.set(0);
    } catch (SyscallException e) {
      pause(state, accepted);
      return;
    }
    watch.set(0); // kept registered: taking the next client needs nothing that may have run out
    client = accepted;
    inputEnded = false;
    gone = false;
    told.connected(state);
  }

  /**
   * There is no descriptor left, or no more that epoll may watch (ENOSPC): the loop would spin
   * until there is.
   */
  private void pause(CallState state, @Nullable Socket accepted) {
    clientWatch = null;
    if (accepted != null) {
      accepted.close();
    }
    if (listeningWatch != null) {
      listeningWatch.set(0);
    }
    retry.set(state, EXHAUSTED_PAUSE_NANOS);
  }

  private void ready(CallState state, int events) {
    Watch watch = clientWatch;
    Listener told = listener;
    if (watch == null || told == null) {
      return;
    }
    boolean read = watch.has(Epoll.EPOLLIN) && (events & (Epoll.EPOLLIN | GONE)) != 0;
    boolean write = watch.has(Epoll.EPOLLOUT) && (events & (Epoll.EPOLLOUT | GONE)) != 0;
    int left = watch.events();
    if (read) {
      left &= ~Epoll.EPOLLIN;
    }
    if (write) {
      left &= ~Epoll.EPOLLOUT;
    }
    if ((events & GONE) != 0) {
      gone = true;
      watch.off(); // or it would be told again and again
    } else {
      watch.set(left);
    }
    if (read) {
      told.readable(state);
    }
    if (write) {
      told.writable(state);
    }
    if ((events & GONE) != 0) {
      told.hungUp(state);
    }
  }

  @Override
  public boolean isConnected() {
    return client != null;
  }

  @Override
  public long tryRead(CallState state, long address, long length) {
    Socket from = client;
    if (from == null) {
      return 0;
    }
    if (inputEnded) {
      return gone ? 0 : -Errno.EAGAIN;
    }
    long n;
    do {
      n = from.tryReceive(state, address, length);
    } while (n == -Errno.EINTR);
    if (n == -Errno.EAGAIN) {
      want(Epoll.EPOLLIN);
    } else if (n == 0 && !gone) {
      inputEnded = true; // it is watched for its hang-up
      want(0);
      return -Errno.EAGAIN;
    }
    return n;
  }

  @Override
  public long tryWrite(CallState state, long address, long length) {
    Socket to = client;
    if (to == null) {
      return -Errno.EPIPE;
    }
    long n;
    do {
      n = to.trySend(state, address, length);
    } while (n == -Errno.EINTR);
    if (n == -Errno.EAGAIN) {
      want(Epoll.EPOLLOUT);
    }
    return n;
  }

  private void want(int event) {
    Watch watch = clientWatch;
    if (watch != null) {
      watch.set(watch.events() | event);
    }
  }

  @Override
  public void disconnect(CallState state) {
    Socket old = client;
    Watch watch = clientWatch;
    client = null;
    clientWatch = null;
    if (watch != null) {
      watch.off();
    }
    if (old != null) {
      old.close();
    }
    if (listeningWatch != null && listener != null) {
      listeningWatch.set(Epoll.EPOLLIN);
    }
  }

  @Override
  public void detach() {
    if (clientWatch != null) {
      clientWatch.off();
    }
    if (listeningWatch != null) {
      listeningWatch.off();
    }
    if (retryWatch != null) {
      retryWatch.off();
    }
    listener = null;
  }

  /** Removes the socket's file too. */
  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
    retry.close();
    if (!listening.fd().isClosed()) {
      listening.close();
      remove(path);
    }
  }

  @Override
  public String toString() {
    return path;
  }
}
