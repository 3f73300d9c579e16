package io.jvmm.vmm.control;

import io.jvmm.host.CallState;
import io.jvmm.host.SyscallException;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketFile;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.control.ControlException.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Serves a machine's control socket: a thread that accepts, and one for each client, so that no
 * client waits for another and none for the machine's own threads.
 *
 * <p>Threads: the owner's; {@link #close} waits for the others, though never long.
 */
public final class ControlServer implements AutoCloseable {
  /** More are told so and let go: each is a thread. */
  static final int CLIENTS_MAX = 8;

  /** So long answers that are on their way may take, all together, when the machine has ended. */
  private static final int LAST_ANSWER_MILLIS = 500;

  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Where the process has no descriptor left, before the next try. */
  private static final int EXHAUSTED_PAUSE_MILLIS = 100;

  private static final long STACK_BYTES = 256 * 1024;

  /** Clients that may wait to be accepted. */
  private static final int BACKLOG = 8;

  private final String name;
  private final SocketFile file;
  private final RequestHandler handler;
  private final Thread acceptor;
  private volatile boolean closing;

  private final Object lock = new Object();
  // Guarded by lock.
  private final List<Client> clients = new ArrayList<>();
  private int clientCount;

  private record Client(ControlConnection connection, Thread thread) {}

  private ControlServer(SocketFile file, String name, RequestHandler handler) {
    this.file = file;
    this.name = name;
    this.handler = handler;
    this.acceptor = thread(this::accept, name);
  }

  /**
   * Makes the socket, mode 0600. Who connects waits until {@link #start}.
   *
   * @throws SyscallException EADDRINUSE where somebody listens there, EEXIST where there is
   *     something that is no socket, or why there cannot be one
   */
  public static ControlServer listen(String path, Machine machine) {
    return listen(path, machine.config().name() + " control", new MachineControl(machine));
  }

  /**
   * As the other, but for anything.
   *
   * @param name of the threads
   */
  static ControlServer listen(String path, String name, RequestHandler handler) {
    return new ControlServer(SocketFile.listen(path, BACKLOG, "control socket"), name, handler);
  }

  /** Begins to serve; once. */
  public void start() {
    acceptor.start();
  }

  private static Thread thread(Runnable task, String name) {
    Thread thread = new Thread(null, task, name, STACK_BYTES);
    thread.setDaemon(true);
    return thread;
  }

  private void accept() {
    CallState state = CallState.current();
    while (!closing) {
      file.socket().awaitConnection(state);
      try {
        Socket socket = file.socket().accept("control client");
        if (socket != null) {
          admit(state, socket);
        }
      } catch (SyscallException exhausted) {
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(EXHAUSTED_PAUSE_MILLIS);
    } catch (InterruptedException e) {
      // Nobody interrupts it; if somebody does, the next try comes early.
    }
  }

  private void admit(CallState state, Socket socket) {
    ControlConnection connection = new ControlConnection(socket, handler);
    synchronized (lock) {
      if (!closing && clients.size() < CLIENTS_MAX) {
        Thread thread = thread(() -> serve(connection), name + "-" + clientCount++);
        try {
          thread.start();
          clients.add(new Client(connection, thread)); // its end waits for the lock
          return;
        } catch (OutOfMemoryError noThread) {
          // The host gives no more threads: as if there were too many clients.
        }
      }
    }
    refuse(state, socket);
  }

  private void serve(ControlConnection connection) {
    try {
      connection.run();
    } finally {
      synchronized (lock) {
        clients.removeIf(client -> client.connection == connection);
      }
    }
  }

  private static void refuse(CallState state, Socket socket) {
    String answer =
        MachineControl.error(Kind.REFUSED, "there are " + CLIENTS_MAX + " clients already", null);
    byte[] bytes = (answer + "\n").getBytes(StandardCharsets.UTF_8);
    try (socket;
        Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(bytes.length);
      text.copyFrom(MemorySegment.ofArray(bytes));
      socket.trySend(state, text.address(), bytes.length); // a new socket has room for it
    }
  }

  /**
   * Removes the socket, lets answers that are on their way arrive, and lets all clients go. To be
   * called when the machine has ended, before it is closed: until then commands may wait for it.
   */
  @Override
  public void close() {
    CallState state = CallState.current();
    List<Client> last;
    synchronized (lock) {
      closing = true;
      last = List.copyOf(clients);
    }
    file.remove();
    boolean interrupted = join(acceptor, 0);
    for (Client client : last) {
      client.connection.stopReading(state);
    }
    interrupted |= joinAll(last);
    for (Client client : last) {
      client.connection.cut(state);
    }
    interrupted |= joinAll(last);
    file.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for all of them, no longer than for one; as {@link #join}. */
  private static boolean joinAll(List<Client> clients) {
    long end = System.nanoTime() + LAST_ANSWER_MILLIS * NANOS_PER_MILLI;
    boolean interrupted = false;
    for (Client client : clients) {
      long left = (end - System.nanoTime()) / NANOS_PER_MILLI;
      interrupted |= join(client.thread, Math.max(1, left)); // 0 would be for ever
    }
    return interrupted;
  }

  /** Answers whether the wait was interrupted, which ends it. */
  private static boolean join(Thread thread, long millis) {
    try {
      thread.join(millis);
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
