package io.jvmm.devices.net;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.TimerFd;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * Frames over a Unix stream socket, each behind its length as four bytes, most significant first:
 * what passt and QEMU's {@code -netdev stream} speak. No {@code virtio_net_hdr} goes over it, so
 * nothing is offloaded.
 *
 * <p>The other side is trusted with the guest's network and nothing else: a length that is none of
 * a frame costs it the connection. When that ends, by this or otherwise, the link is down, and what
 * the guest sends is lost, until the {@link StreamPeer} is back, for which it is asked after a
 * pause that grows. A slow other side lets this device's guest wait, and nothing here piles up.
 *
 * <p>Threads: as its interface says.
 */
public final class StreamBackend implements NetBackend {
  private static final int EVENTS =
      Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLET;

  private static final int END_EVENTS = Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLERR;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** The first pause before the other side is asked again; each one after it is twice as long. */
  private static final long PAUSE_MIN = NANOS_PER_SECOND / 10;

  /** A connection that lasts so long is a good one: after it the pauses begin anew. */
  private static final long PAUSE_MAX = 5 * NANOS_PER_SECOND;

  private final StreamPeer peer;
  private final StreamReceiver receiver = new StreamReceiver();
  private final StreamSender sender = new StreamSender();
  private final @Nullable TimerFd timer;
  private @Nullable Socket socket;
  private @Nullable IoLoop loop;
  private @Nullable NetEvents events;
  private long pause = PAUSE_MIN;
  private boolean isBlocked;

  /**
   * Frames over a connection that is there.
   *
   * @param peer becomes this object's, and is closed with it
   * @param connected likewise
   * @throws SyscallException where the host has no descriptor left; both stay the caller's
   */
  public StreamBackend(StreamPeer peer, Socket connected) {
    this.timer = peer.mayComeBack() ? TimerFd.create(peer.name() + " timer") : null;
    this.peer = peer;
    this.socket = connected;
  }

  @Override
  public String name() {
    return peer.name();
  }

  @Override
  public int maxQueuePairs() {
    return 1;
  }

  @Override
  public boolean hasHeader() {
    return false;
  }

  @Override
  public long offloads() {
    return 0;
  }

  @Override
  public int mtu() {
    return peer.mtu();
  }

  @Override
  public void awaitReady() {
    peer.awaitReady();
  }

  @Override
  public void attach(IoLoop ownLoop, NetEvents told) {
    loop = ownLoop;
    events = told;
    if (timer != null) {
      ownLoop.register(timer.fd(), Epoll.EPOLLIN, (state, ready) -> timerWentOff(state));
    }
    Socket first = socket;
    if (first != null) {
      ownLoop.register(first.fd(), EVENTS, this::socketReady);
    }
  }

  @Override
  public boolean setQueuePairs(int count) {
    return true; // there is one
  }

  @Override
  public void setGuestOffloads(long features) {}

  private void socketReady(CallState state, int ready) {
    Socket current = socket;
    NetEvents told = events;
    if (current == null || told == null) {
      return;
    }
    if ((ready & END_EVENTS) != 0) {
      end(state, current);
    } else if ((ready & Epoll.EPOLLIN) != 0) {
      receiver.announced();
      told.receivable(state, 0);
    }
    if (socket == current && isBlocked && (ready & Epoll.EPOLLOUT) != 0) {
      isBlocked = false;
      finishForgotten(state, current);
      told.sendable(state, 0);
    }
  }

  /**
   * The other side has ended. What it sent before comes, too, a turn's worth at a time, for as long
   * as the guest takes it.
   */
  private void end(CallState state, Socket ended) {
    IoLoop watching = loop;
    NetEvents told = events;
    if (socket != ended || watching == null || told == null) {
      return;
    }
    long before = receiver.byteCount();
    receiver.announced();
    told.receivable(state, 0);
    if (socket != ended) {
      return; // it was read to its end
    }
    if (receiver.byteCount() == before) {
      lost(state, -Errno.EPIPE);
    } else {
      watching.defer((later, none) -> end(later, ended));
    }
  }

  @Override
  public long tryReceive(CallState state, int pair, IovecArray buffers) {
    Socket current = socket;
    if (current == null) {
      return -Errno.EAGAIN;
    }
    long n = receiver.receive(state, current, buffers);
    if (n <= 0 && n != -Errno.EAGAIN) {
      lost(state, (int) n);
      return -Errno.EAGAIN;
    }
    return n;
  }

  @Override
  public boolean isMidFrame(int pair) {
    return receiver.isMidFrame();
  }

  @Override
  public long trySend(CallState state, int pair, IovecArray frame) {
    Socket current = socket;
    if (current == null) {
      return -Errno.ENOTCONN;
    }
    long n = sender.send(state, current, frame);
    if (n == -Errno.EAGAIN) {
      isBlocked = true;
    } else if (n < 0 && n != -Errno.EINVAL) {
      lost(state, (int) n);
    }
    return n;
  }

  @Override
  public void forget(CallState state, int pair) {
    receiver.forget();
    sender.forget();
    Socket current = socket;
    if (current != null) {
      finishForgotten(state, current);
    }
  }

  /** As much as there is room for: nobody may come and send something else. */
  private void finishForgotten(CallState state, Socket current) {
    long n = sender.finishForgotten(state, current);
    if (n == -Errno.EAGAIN) {
      isBlocked = true;
    } else if (n < 0) {
      lost(state, (int) n);
    }
  }

  private void lost(CallState state, int result) {
    closeSocket();
    receiver.reset();
    sender.reset();
    TimerFd again = timer;
    if (again != null) {
      askLater(state, again);
    }
    NetEvents told = events;
    if (told != null) {
      told.gone(state, reason(result));
      if (isBlocked) {
        isBlocked = false;
        told.sendable(state, 0); // what waits for room is lost now
      }
    }
  }

  /** Whatever comes over a connection: one that comes and goes is not to fill anybody's log. */
  private void askLater(CallState state, TimerFd again) {
    again.set(state, pause);
    pause = Math.min(2 * pause, PAUSE_MAX);
  }

  /** For tests: how long the other side is left alone, in nanoseconds, when it goes next. */
  long nextPause() {
    return pause;
  }

  private static String reason(int result) {
    return switch (-result) {
      case Errno.EPIPE, Errno.ECONNRESET -> "the other side has hung up";
      case Errno.EPROTO -> "the other side sent what is no frame";
      default -> "the connection broke (" + Errno.symbol(-result) + ")";
    };
  }

  private void timerWentOff(CallState state) {
    TimerFd again = timer;
    IoLoop watching = loop;
    NetEvents told = events;
    if (again == null || watching == null || told == null) {
      return;
    }
    again.drain(state);
    if (socket != null) {
      pause = PAUSE_MIN;
      return;
    }
    Socket fresh = connect(watching);
    if (fresh == null) {
      askLater(state, again);
      return;
    }
    socket = fresh;
    again.set(state, PAUSE_MAX);
    told.back(state);
  }

  /**
   * A connection that is watched, or null where nobody answers yet, or where the host is short of
   * descriptors or of what epoll may watch (ENOSPC): that passes, and is no reason to end.
   */
  private @Nullable Socket connect(IoLoop watching) {
    Socket fresh = null;
    try {
      fresh = peer.connect();
      if (fresh != null) {
        watching.register(fresh.fd(), EVENTS, this::socketReady);
      }
      return fresh;
    } catch (SyscallException shortage) {
      if (fresh != null) {
        fresh.close();
      }
      return null;
    }
  }

  private void closeSocket() {
    Socket ended = socket;
    socket = null;
    if (ended != null) {
      IoLoop watching = loop;
      if (watching != null) {
        watching.unregister(ended.fd());
      }
      ended.close();
    }
  }

  @Override
  public void detach() {
    IoLoop watching = loop;
    loop = null;
    if (watching == null) {
      return;
    }
    Socket current = socket;
    if (current != null) {
      watching.unregister(current.fd());
    }
    TimerFd again = timer;
    if (again != null) {
      watching.unregister(again.fd());
    }
  }

  @Override
  public void close() {
    Socket current = socket;
    socket = null;
    if (current != null) {
      peer.hangUp(current);
    }
    if (timer != null) {
      timer.close();
    }
    peer.close();
    receiver.close();
    sender.close();
  }
}
