package io.jvmm.devices.serial;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.file.InheritedStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads a stream and delivers it to the guest. While the input ring is full nothing is read, so the
 * stream's own writer waits, and no byte is lost. At the end of the stream reading stops and the
 * guest goes on.
 *
 * <p>Threads: the io thread's alone.
 */
final class ConsoleInput implements AutoCloseable {
  private static final int READ_MAX = 1024;

  /** A key that follows a held Ctrl-A becomes two bytes. */
  private static final int EXTRA_BYTES = 1;

  /** What the stream is doing. */
  private enum Mode {
    /** Epoll tells when there is something. */
    WATCHED,
    /** The guest has to make room first. */
    FULL,
    /** Nothing is asked of it: at the beginning, or because a turn's share was read. */
    IDLE,
    /** It has ended. */
    ENDED
  }

  private final IoLoop loop;
  private final SerialLine line;
  private final InheritedStream stream;
  private final boolean escapes;
  private final ConsoleOutput output;
  private final ConsoleListener listener;
  private final ConsoleEscape escape = new ConsoleEscape();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(READ_MAX);
  private Mode mode = Mode.IDLE;

  ConsoleInput(
      IoLoop loop,
      SerialLine line,
      InheritedStream stream,
      boolean escapes,
      ConsoleOutput output,
      ConsoleListener listener) {
    this.loop = loop;
    this.line = line;
    this.stream = stream;
    this.escapes = escapes;
    this.output = output;
    this.listener = listener;
  }

  /** The doorbell rang: there may be room, or a share left to read. */
  void resume(CallState state) {
    if (mode == Mode.FULL || mode == Mode.IDLE) {
      pump(state);
    }
  }

  private void pump(CallState state) {
    int budget = SerialLine.INPUT_BYTES;
    while (budget > 0) {
      int room = line.inputRoom(EXTRA_BYTES);
      if (room == 0) {
        become(Mode.FULL);
        return;
      }
      long count = stream.tryRead(state, buffer.address(), Math.min(room, READ_MAX));
      if (count == -Errno.EINTR) {
        continue;
      }
      if (count == -Errno.EAGAIN) {
        become(Mode.WATCHED);
        return;
      }
      if (count <= 0) { // the end, or a terminal that has hung up (EIO)
        become(Mode.ENDED);
        return;
      }
      deliver(state, (int) count);
      budget -= (int) count;
    }
    if (mode != Mode.WATCHED) { // epoll comes back by itself
      mode = Mode.IDLE;
      line.ring(state);
    }
  }

  private void deliver(CallState state, int count) {
    for (int i = 0; i < count; i++) {
      byte key = buffer.get(ValueLayout.JAVA_BYTE, i);
      if (!escapes) {
        line.deliver(key);
        continue;
      }
      switch (escape.next(key)) {
        case SEND -> line.deliver(key);
        case SEND_BOTH -> {
          line.deliver(ConsoleEscape.PREFIX);
          line.deliver(key);
        }
        case HOLD -> {}
        case QUIT -> listener.quit();
        case HELP -> output.say(state, ConsoleEscape.HELP);
      }
    }
    line.delivered(state);
  }

  private void become(Mode next) {
    if (mode == next) {
      return;
    }
    if (mode == Mode.WATCHED) {
      loop.unregister(stream.fd());
    }
    mode = next;
    if (next == Mode.WATCHED) {
      try {
        loop.register(stream.fd(), Epoll.EPOLLIN, (state, events) -> pump(state));
      } catch (SyscallException e) {
        mode = Mode.ENDED; // a stream that neither has data nor can be waited for
      }
    }
  }

  /** Stops watching; the io thread does nothing more here. */
  void detach() {
    loop.unregister(stream.fd());
  }

  @Override
  public void close() {
    stream.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
