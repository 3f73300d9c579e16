package io.jvmm.devices.serial;

import io.jvmm.host.CallState;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import io.jvmm.host.file.ByteStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Two connected descriptors, blocking, as a shell would hand them to a process. */
final class Channel implements AutoCloseable {
  private static final int POLL = 7; // asm/unistd_64.h
  private static final int SOCKETPAIR = 53;
  private static final int FCNTL = 72;
  private static final int PIPE2 = 293;
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int F_GETFL = 3;
  private static final int POLLOUT = 4;

  private final Fd first;
  private final Fd second;

  private Channel(Fd first, Fd second) {
    this.first = first;
    this.second = second;
  }

  /** The first end is read, the second written. */
  static Channel pipe() {
    CallState state = CallState.current();
    Syscall.check(Syscall.call(state, PIPE2, state.scratch().address(), 0, 0), "pipe2", "test");
    return ofScratch(state);
  }

  static Channel sockets() {
    CallState state = CallState.current();
    long address = state.scratch().address();
    long result = Syscall.call(state, SOCKETPAIR, AF_UNIX, SOCK_STREAM, 0, address);
    Syscall.check(result, "socketpair", "test");
    return ofScratch(state);
  }

  private static Channel ofScratch(CallState state) {
    return new Channel(
        new Fd(state.scratch().get(ValueLayout.JAVA_INT, 0), "first end"),
        new Fd(state.scratch().get(ValueLayout.JAVA_INT, 4), "second end"));
  }

  Fd first() {
    return first;
  }

  Fd second() {
    return second;
  }

  /** Reads, blocking, until {@code length} bytes are there or the end; what there is. */
  static byte[] read(Fd fd, int length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(length);
      long done = 0;
      while (done < length) {
        long n =
            ByteStream.tryRead(
                CallState.current(), fd.number(), buffer.address() + done, length - done);
        if (n <= 0) {
          break;
        }
        done += n;
      }
      return buffer.asSlice(0, done).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Writes everything, blocking. */
  static void write(Fd fd, byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      long done = 0;
      while (done < bytes.length) {
        long n =
            ByteStream.tryWrite(
                CallState.current(), fd.number(), buffer.address() + done, bytes.length - done);
        done += Syscall.check(n, "write", fd.role());
      }
    }
  }

  /** Whether a write to the second end would not wait. */
  boolean hasRoom() {
    CallState state = CallState.current();
    state.scratch().set(ValueLayout.JAVA_INT, 0, second.number());
    state.scratch().set(ValueLayout.JAVA_INT, 4, POLLOUT);
    return Syscall.call(state, POLL, state.scratch().address(), 1, 0) > 0;
  }

  static long statusFlags(Fd fd) {
    return Syscall.call(CallState.current(), FCNTL, fd.number(), F_GETFL, 0);
  }

  @Override
  public void close() {
    first.close();
    second.close();
  }
}
