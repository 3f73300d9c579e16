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
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream and delivers it to the guest. At the end of the stream reading stops and the guest
 * goes on.
 *
 * <p>While the guest has no room nothing is read, so the stream's own writer waits, and no byte is
 * lost. Where there are escapes that would leave the user without a way out of a guest that reads
 * nothing: there the stream is read on, keys wait here for the guest, and those beyond that are
 * dropped with a bell, as a terminal does.
 *
 * <p>Threads: the io thread's alone.
 */
final class ConsoleInput implements AutoCloseable {
  private static final int READ_MAX = 1024;

  /** Keys that wait for the guest where the stream is read on for the escape: a large paste. */
  static final int TYPED_AHEAD_BYTES = 64 * 1024;

  private static final String BELL = "\007";

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
  private final ConsoleOutput output;
  private final ConsoleListener listener;
  private final ConsoleEscape escape = new ConsoleEscape();

  /** Keys that have no room yet, where there are escapes. */
  private final @Nullable ByteRing typedAhead;

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
    this.output = output;
    this.listener = listener;
    this.typedAhead = escapes ? new ByteRing(TYPED_AHEAD_BYTES) : null;
  }

  /** The doorbell rang: there may be room, or a share left to read. */
  void resume(CallState state) {
    if (typedAhead != null) {
      passOn(state, typedAhead);
    }
    if (mode == Mode.FULL || mode == Mode.IDLE) {
      pump(state);
    }
  }

  private void pump(CallState state) {
    int budget = SerialLine.INPUT_BYTES;
    while (budget > 0) {
      int room = typedAhead == null ? line.inputRoom() : READ_MAX;
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
    if (typedAhead != null) {
      scan(state, typedAhead, count);
      passOn(state, typedAhead);
      return;
    }
    for (int i = 0; i < count; i++) {
      line.deliver(buffer.get(ValueLayout.JAVA_BYTE, i));
    }
    line.delivered(state);
  }

  private void scan(CallState state, ByteRing keys, int count) {
    boolean kept = true;
    for (int i = 0; i < count; i++) {
      byte key = buffer.get(ValueLayout.JAVA_BYTE, i);
      switch (escape.next(key)) {
        case SEND -> kept &= keys.put(key);
        case SEND_BOTH -> kept &= keys.put(ConsoleEscape.PREFIX) && keys.put(key);
        case HOLD -> {}
        case QUIT -> listener.quit();
        case HELP -> output.say(state, ConsoleEscape.HELP);
      }
    }
    if (!kept) {
      output.say(state, BELL);
    }
  }

  /** Delivers what there is room for; the doorbell rings when there is more. */
  private void passOn(CallState state, ByteRing keys) {
    while (keys.available() > 0) {
      int room = Math.min(keys.available(), line.inputRoom());
      if (room == 0) {
        return;
      }
      for (int i = 0; i < room; i++) {
        line.deliver(keys.take());
      }
      line.delivered(state);
    }
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
    if (typedAhead != null) {
      typedAhead.close();
    }
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
