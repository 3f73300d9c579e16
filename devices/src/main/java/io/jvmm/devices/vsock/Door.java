package io.jvmm.devices.vsock;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.socket.ListeningSocket;
import io.jvmm.host.socket.Socket;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket of the host through which programs reach the guest: a port that was settled
 * before, or the one that each client names in its {@link Greeting}.
 *
 * <p>Threads: the device's I/O thread; the owner closes after it has let go.
 */
final class Door implements AutoCloseable {
  /** {@link #Door}: each client says it. */
  static final long ANY_PORT = -1;

  /**
   * Clients that have not said yet what they want. One more, and the oldest has to go: so no clock
   * is needed, and nobody is kept out by those who say nothing.
   */
  static final int SILENT_MAX = 128;

  private static final int ENDED = Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLERR;

  /** Accepted in one go: then others on the loop get their turn. */
  private static final int ACCEPTS_PER_TURN = 32;

  private final ListeningSocket socket;
  private final boolean messages;
  private final long port;
  private final LinkedHashSet<Client> silent = new LinkedHashSet<>();
  private @Nullable IoLoop loop;
  private @Nullable Mux mux;

  /** Nobody is accepted until there is a descriptor again. */
  private boolean starved;

  /**
   * @param socket becomes this object's
   * @param messages whether it is a socket of messages
   * @param port the guest's, or {@link #ANY_PORT}
   */
  Door(ListeningSocket socket, boolean messages, long port) {
    this.socket = socket;
    this.messages = messages;
    this.port = port;
  }

  void open(IoLoop newLoop, Mux newMux) {
    loop = newLoop;
    mux = newMux;
    newLoop.register(socket.fd(), Epoll.EPOLLIN | Epoll.EPOLLET, (call, events) -> accept(call));
  }

  private void accept(CallState call) {
    starved = false;
    if (loop == null) {
      return; // shut meanwhile
    }
    for (int left = ACCEPTS_PER_TURN; left > 0; left--) {
      Socket accepted;
      try {
        accepted = socket.accept("vsock client");
      } catch (SyscallException e) {
        if (!silent.isEmpty()) {
          silent.getFirst().refuse(); // a descriptor is free again
          continue;
        }
        starved = true; // those who wait are looked at when a connection has ended
        return;
      }
      if (accepted == null) {
        return;
      }
      admit(call, accepted);
    }
    IoLoop on = loop;
    if (on != null) {
      on.defer((later, events) -> accept(later));
    }
  }

  /** A descriptor has become free. */
  void retry() {
    IoLoop on = loop;
    if (starved && on != null) {
      starved = false;
      on.defer((call, events) -> accept(call));
    }
  }

  private void admit(CallState call, Socket accepted) {
    if (port != ANY_PORT) {
      connect(call, (int) port, accepted, false);
      return;
    }
    if (silent.size() == SILENT_MAX) {
      silent.getFirst().refuse();
    }
    Client client = new Client(accepted);
    silent.add(client);
    client.listen();
  }

  private void connect(CallState call, int guestPort, Socket client, boolean greets) {
    Mux to = mux;
    HostEnd end = new SocketEnd(client, messages, greets);
    if (to == null) {
      client.close();
    } else if (to.connect(call, guestPort, messages, end) == null) {
      to.stats().refused.add(1);
      end.close(call, true);
    }
  }

  /** Stops watching; those who have not said anything are sent away. */
  void shut() {
    IoLoop on = loop;
    if (on != null) {
      on.unregister(socket.fd());
    }
    while (!silent.isEmpty()) {
      silent.getFirst().refuse();
    }
    loop = null;
  }

  @Override
  public void close() {
    socket.close();
  }

  /** One that has yet to say what it wants. What it has said so far stays in the socket. */
  private final class Client {
    private final Socket socket;
    private boolean watched;

    Client(Socket socket) {
      this.socket = socket;
    }

    void listen() {
      IoLoop on = loop;
      if (on == null) {
        refuse();
        return;
      }
      try {
        on.register(socket.fd(), Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLET, this::ready);
        watched = true;
      } catch (SyscallException e) {
        refuse();
      }
    }

    private void ready(CallState call, int events) {
      long address = call.scratch().address();
      long n = socket.tryPeek(call, address, Greeting.MAX);
      if (n == -Errno.EAGAIN || n == -Errno.EINTR) {
        return;
      }
      long wanted = n <= 0 ? Greeting.WRONG : Greeting.port(call.scratch(), (int) n);
      if (messages && wanted >= 0 && Greeting.length(call.scratch(), (int) n) != n) {
        wanted = Greeting.WRONG; // what is behind the line would be lost with its message
      }
      if (wanted == Greeting.MORE && !messages && (events & ENDED) == 0) {
        return;
      }
      if (wanted < 0) {
        Mux own = mux;
        if (own != null && n != 0) {
          own.stats().badGreetings.add(1);
        }
        refuse();
        return;
      }
      socket.tryReceive(call, address, Greeting.length(call.scratch(), (int) n));
      forget();
      connect(call, (int) wanted, socket, true);
    }

    private void forget() {
      silent.remove(this);
      IoLoop on = loop;
      if (on != null && watched) {
        on.unregister(socket.fd());
      }
    }

    void refuse() {
      forget();
      socket.close();
    }
  }
}
