package io.jvmm.vmm.control;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.socket.Socket;
import io.jvmm.vmm.control.ControlException.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * One client: reads lines, answers each before it reads the next. A client that sends nonsense is
 * told so; one that sends a line without an end, or does not take its answers, is let go.
 *
 * <p>Threads: one runs it; any other may call {@link #stopReading} and {@link #cut}.
 */
final class ControlConnection {
  /** So long may a client let an answer lie. */
  private static final int SEND_TIMEOUT_MILLIS = 10_000;

  private static final int BUFFER_BYTES = 4096;
  private static final int FOR_EVER = -1;

  private final Socket socket;
  private final RequestHandler handler;
  private final LineBuffer lines = new LineBuffer();
  private final Object lock = new Object();
  private boolean closed; // guarded by lock

  /** Takes the socket. */
  ControlConnection(Socket socket, RequestHandler handler) {
    this.socket = socket;
    this.handler = handler;
  }

  /** Serves the client until it goes or is let go. */
  void run() {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER_BYTES);
      long n;
      while ((n = receive(state, buffer)) > 0) {
        if (!take(state, buffer, n)) {
          return;
        }
      }
      if (n == 0 && lines.isInsideLine()) {
        send(state, buffer, MachineControl.error(Kind.BAD_REQUEST, "the line has no end", null));
      }
    } finally {
      synchronized (lock) {
        closed = true;
        socket.close();
      }
    }
  }

  private long receive(CallState state, MemorySegment buffer) {
    while (true) {
      long n = socket.tryReceive(state, buffer.address(), BUFFER_BYTES);
      if (n != -Errno.EAGAIN && n != -Errno.EINTR) {
        return n;
      }
      socket.awaitReadable(state, FOR_EVER);
    }
  }

  /** Answers every line that ends in the buffer; false where the client is to be let go. */
  private boolean take(CallState state, MemorySegment buffer, long count) {
    byte[] received = buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
    for (byte b : received) {
      byte[] line;
      try {
        line = lines.add(b);
      } catch (ControlException e) {
        send(state, buffer, MachineControl.error(e.kind(), String.valueOf(e.getMessage()), null));
        return false;
      }
      if (line != null && line.length > 0 && !send(state, buffer, handler.answer(line))) {
        return false;
      }
    }
    return true;
  }

  private boolean send(CallState state, MemorySegment buffer, String answer) {
    byte[] bytes = (answer + "\n").getBytes(StandardCharsets.UTF_8);
    int sent = 0;
    while (sent < bytes.length) {
      int part = Math.min(bytes.length - sent, BUFFER_BYTES);
      MemorySegment.copy(bytes, sent, buffer, ValueLayout.JAVA_BYTE, 0, part);
      long n = socket.trySend(state, buffer.address(), part);
      if (n > 0) {
        sent += (int) n;
      } else if (n == -Errno.EAGAIN) {
        if (!socket.awaitWritable(state, SEND_TIMEOUT_MILLIS)) {
          return false;
        }
      } else if (n != -Errno.EINTR) {
        return false; // it has gone
      }
    }
    return true;
  }

  /** Ends after the answer that is on its way, if there is one. */
  void stopReading(CallState state) {
    synchronized (lock) {
      if (!closed) {
        socket.tryShutdownInput(state);
      }
    }
  }

  /** Ends at once, whatever is on its way. */
  void cut(CallState state) {
    synchronized (lock) {
      if (!closed) {
        socket.tryShutdown(state);
      }
    }
  }
}
