package io.jvmm.devices.serial;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.file.InheritedStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes what the guest has written and writes it to a stream. While the stream has no room the ring
 * fills, and the guest waits. A stream that fails is not written to again: the guest goes on, its
 * words are lost.
 *
 * <p>Threads: the io thread's alone, {@link #flush} excepted, which comes after it.
 */
final class ConsoleOutput {
  private static final int BLOCKED = -1;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final IoLoop loop;
  private final SerialLine line;
  private final @Nullable InheritedStream stream;
  private final ConsoleListener listener;
  private final LineAssembler lines;
  private boolean waiting;
  private boolean failed;

  ConsoleOutput(
      IoLoop loop, SerialLine line, @Nullable InheritedStream stream, ConsoleListener listener) {
    this.loop = loop;
    this.line = line;
    this.stream = stream;
    this.listener = listener;
    this.lines = new LineAssembler(listener);
  }

  /** Writes what there is and has room, at most one ring's worth, so that other devices get on. */
  void drain(CallState state) {
    int budget = SerialLine.OUTPUT_BYTES;
    while (!waiting) {
      int written = writeOnce(state);
      if (written == 0) {
        return;
      }
      if (written == BLOCKED) {
        waiting = true;
        watch(blockable());
        return;
      }
      budget -= written;
      if (budget <= 0) {
        line.ring(state); // the rest in the next turn
        return;
      }
    }
  }

  private InheritedStream blockable() {
    return Objects.requireNonNull(stream, "a stream that has no room is there");
  }

  /** Bytes taken off the ring, 0 where it is empty, {@link #BLOCKED} where there is no room. */
  private int writeOnce(CallState state) {
    ByteRing ring = line.output();
    int length = ring.contiguous();
    if (length == 0) {
      return 0;
    }
    long written = length;
    if (stream != null && !failed) {
      do {
        written = stream.tryWrite(state, ring.address(), length);
      } while (written == -Errno.EINTR);
      if (written == -Errno.EAGAIN || written == 0) {
        return BLOCKED;
      }
      if (written < 0) {
        fail(new SyscallException("write", stream.fd().role(), (int) -written));
        written = length;
      }
    }
    for (int i = 0; i < written; i++) {
      lines.add(ring.peek(i));
    }
    line.taken(state, (int) written);
    return (int) written;
  }

  private void watch(InheritedStream blocked) {
    try {
      loop.register(blocked.fd(), Epoll.EPOLLOUT, (state, events) -> writable(blocked, state));
    } catch (SyscallException e) {
      waiting = false;
      fail(e);
      line.ring(CallState.current());
    }
  }

  private void writable(InheritedStream blocked, CallState state) {
    // Not merely turned off: a broken stream reports itself whatever is asked for.
    loop.unregister(blocked.fd());
    waiting = false;
    drain(state);
  }

  private void fail(SyscallException cause) {
    failed = true;
    listener.outputFailed(cause);
  }

  /** A word from the VMM itself, as far as there is room. */
  void say(CallState state, String text) {
    if (stream != null && !failed && !waiting) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment bytes = arena.allocateFrom(text, StandardCharsets.US_ASCII);
        stream.tryWrite(state, bytes.address(), text.length());
      }
    }
  }

  /** Stops watching; the io thread does nothing more here. */
  void detach() {
    if (stream != null) {
      loop.unregister(stream.fd());
    }
    waiting = false;
  }

  /** Writes what is left, waiting for room for a bounded time, and ends the last line. */
  void flush(CallState state, int timeoutMillis) {
    long deadline = System.nanoTime() + timeoutMillis * NANOS_PER_MILLI;
    int written = writeOnce(state);
    while (written != 0) {
      if (written == BLOCKED) {
        long leftMillis = (deadline - System.nanoTime()) / NANOS_PER_MILLI;
        if (leftMillis <= 0 || !blockable().awaitWritable(state, (int) leftMillis)) {
          break;
        }
      }
      written = writeOnce(state);
    }
    lines.finish();
  }
}
