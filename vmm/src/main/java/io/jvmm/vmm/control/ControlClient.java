package io.jvmm.vmm.control;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import io.jvmm.vmm.json.JsonException;
import io.jvmm.vmm.json.JsonReader;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Asks the machine behind a control socket, one question after the other.
 *
 * <p>Threads: belongs to one thread.
 */
public final class ControlClient implements AutoCloseable {
  private static final int BUFFER_BYTES = 4096;
  private static final int FOR_EVER = -1;

  /**
   * What a machine answered.
   *
   * @param isError whether it refused
   * @param text what was returned, as JSON, or why it refused, for people
   */
  public record Answer(boolean isError, String text) {}

  private final CallState state = CallState.current();
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES);
  private final Socket socket;

  private ControlClient(Socket socket) {
    this.socket = socket;
  }

  /**
   * Connects.
   *
   * @throws SyscallException ENOENT or ECONNREFUSED where nobody listens, EACCES where it is
   *     another user's
   */
  public static ControlClient connect(String path) {
    return new ControlClient(Socket.connect(SocketAddress.unix(path), path));
  }

  /**
   * Asks and waits for the answer.
   *
   * @param request one line of JSON
   * @throws SyscallException where the machine is gone before it has answered
   * @throws JsonException where what comes is no answer
   */
  public Answer ask(String request) {
    send((request + "\n").getBytes(StandardCharsets.UTF_8));
    return read(receiveLine());
  }

  private void send(byte[] bytes) {
    int sent = 0;
    while (sent < bytes.length) {
      int part = Math.min(bytes.length - sent, BUFFER_BYTES);
      MemorySegment.copy(bytes, sent, buffer, ValueLayout.JAVA_BYTE, 0, part);
      long n = socket.trySend(state, buffer.address(), part);
      if (n == -Errno.EAGAIN) {
        socket.awaitWritable(state, FOR_EVER);
      } else if (n < 0 && n != -Errno.EINTR) {
        throw new SyscallException("send", socket.toString(), (int) -n);
      } else if (n > 0) {
        sent += (int) n;
      }
    }
  }

  private byte[] receiveLine() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (line.size() <= JsonReader.BYTES_MAX) {
      long n = socket.tryReceive(state, buffer.address(), BUFFER_BYTES);
      if (n == -Errno.EAGAIN) {
        socket.awaitReadable(state, FOR_EVER);
      } else if (n == 0) {
        throw new SyscallException("receive", socket.toString(), Errno.ECONNRESET);
      } else if (n < 0 && n != -Errno.EINTR) {
        throw new SyscallException("receive", socket.toString(), (int) -n);
      }
      for (int i = 0; i < n; i++) {
        byte b = buffer.get(ValueLayout.JAVA_BYTE, i);
        if (b == '\n') {
          return line.toByteArray();
        }
        line.write(b);
      }
    }
    return line.toByteArray(); // which the reader refuses as too large
  }

  /** Reads {@code {"return": …}} or {@code {"error": {"desc": "…"}}}. */
  static Answer read(byte[] line) {
    JsonReader json = JsonReader.of("answer", line);
    Answer answer = null;
    json.beginObject();
    while (json.hasNextMember()) {
      switch (json.name()) {
        case "return" -> answer = new Answer(false, json.raw());
        case "error" -> answer = new Answer(true, description(json));
        default -> json.raw();
      }
    }
    json.end();
    if (answer == null) {
      throw json.error("neither a return nor an error");
    }
    return answer;
  }

  private static String description(JsonReader json) {
    String description = "no reason given";
    json.beginObject();
    while (json.hasNextMember()) {
      if (json.name().equals("desc")) {
        description = json.string();
      } else {
        json.raw();
      }
    }
    return description;
  }

  @Override
  public void close() {
    socket.close();
    arena.close();
  }
}
