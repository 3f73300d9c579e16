package io.jvmm.host.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.NativeLong;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.MemFd;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.LibC;
import io.jvmm.host.terminal.Pty;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InheritedStreamTest {
  private static final int AF_UNIX = 1; // sys/socket.h
  private static final int SOCK_STREAM = 1;

  private final CallState state = CallState.current();
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(1 << 16);

  @AfterEach
  void close() {
    arena.close();
  }

  private static Fd[] pipe() {
    int[] ends = new int[2];
    assertEquals(0, LibC.CALL.pipe(ends));
    return new Fd[] {new Fd(ends[0], "read end"), new Fd(ends[1], "write end")};
  }

  private static void put(int fd, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    LibC.CALL.write(fd, bytes, new NativeLong(bytes.length));
  }

  private long write(InheritedStream stream, String text) {
    MemorySegment bytes = arena.allocateFrom(text, StandardCharsets.US_ASCII);
    return stream.tryWrite(state, bytes.address(), text.length());
  }

  private String read(InheritedStream stream) {
    long n = stream.tryRead(state, buffer.address(), buffer.byteSize());
    return n < 0
        ? Errno.symbol((int) -n)
        : StandardCharsets.US_ASCII.decode(buffer.asSlice(0, n).asByteBuffer()).toString();
  }

  /** Writes until there is no room, and answers how it ended. */
  private long fill(InheritedStream stream) {
    long n;
    do {
      n = stream.tryWrite(state, buffer.address(), buffer.byteSize());
    } while (n > 0);
    return n;
  }

  @Test
  void aPipeNeverMakesUsWait() {
    Fd[] ends = pipe();
    try (Fd readEnd = ends[0];
        Fd writeEnd = ends[1];
        InheritedStream in = InheritedStream.reading(readEnd.number(), "stdin");
        InheritedStream out = InheritedStream.writing(writeEnd.number(), "stdout")) {
      assertEquals("EAGAIN", read(in));
      assertEquals(2, write(out, "ab"));
      assertEquals("ab", read(in));
      assertEquals(-Errno.EAGAIN, fill(out));
      assertFalse(out.awaitWritable(state, 0));
      read(in);
      assertTrue(out.awaitWritable(state, 0));
      assertEquals(0, LibC.CALL.fcntl(readEnd.number(), Fcntl.F_GETFL, 0) & Fcntl.O_NONBLOCK);
      assertEquals(0, LibC.CALL.fcntl(writeEnd.number(), Fcntl.F_GETFL, 0) & Fcntl.O_NONBLOCK);
    }
  }

  @Test
  void theEndOfAPipeIsZeroAndAClosedReaderEpipe() {
    Fd[] ends = pipe();
    try (InheritedStream in = InheritedStream.reading(ends[0].number(), "stdin")) {
      ends[0].close();
      try (InheritedStream out = InheritedStream.writing(ends[1].number(), "stdout")) {
        ends[1].close();
        write(out, "last");
      }
      assertEquals("last", read(in));
      assertEquals("", read(in));
    }
    ends = pipe();
    ends[0].close();
    try (Fd writeEnd = ends[1];
        InheritedStream out = InheritedStream.writing(writeEnd.number(), "stdout")) {
      assertTrue(out.awaitWritable(state, 0), "an error is news");
      assertEquals(-Errno.EPIPE, write(out, "x"));
    }
  }

  @Test
  void aSocketNeverMakesUsWait() {
    int[] ends = new int[2];
    assertEquals(0, LibC.CALL.socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    Fd theirs = new Fd(ends[1], "their end");
    try (Fd ours = new Fd(ends[0], "our end");
        InheritedStream in = InheritedStream.reading(ours.number(), "stdin");
        InheritedStream out = InheritedStream.writing(ours.number(), "stdout")) {
      assertEquals("EAGAIN", read(in));
      put(theirs.number(), "hello");
      assertEquals("hello", read(in));
      assertEquals(-Errno.EAGAIN, fill(out));
      assertEquals(0, LibC.CALL.fcntl(ours.number(), Fcntl.F_GETFL, 0) & Fcntl.O_NONBLOCK);
      theirs.close();
      assertEquals(-Errno.EPIPE, fill(out));
    }
  }

  @Test
  void aTerminalNeverMakesUsWait() {
    try (Pty pty = Pty.open();
        InheritedStream in = InheritedStream.reading(pty.slave().number(), "stdin");
        InheritedStream out = InheritedStream.writing(pty.slave().number(), "stdout")) {
      assertEquals("EAGAIN", read(in));
      put(pty.master().number(), "line\n");
      assertEquals("line\n", read(in));
      assertEquals(-Errno.EAGAIN, fill(out));
    }
  }

  @Test
  void aTerminalThatCannotBeOpenedAnewIsPolled() {
    Pty pty = Pty.open();
    pty.master().close(); // opening the other side is EIO from here on
    try (pty;
        InheritedStream in = InheritedStream.reading(pty.slave().number(), "stdin")) {
      assertEquals("", read(in), "hung up");
    }
  }

  @Test
  void aFileGoesOnAtTheSharedOffset() {
    try (Fd file = MemFd.create("file", 0);
        InheritedStream out = InheritedStream.writing(file.number(), "stdout")) {
      put(file.number(), "shell ");
      assertEquals(5, write(out, "guest"));
      put(file.number(), " shell");
      byte[] all = new byte[100];
      try (InheritedStream in = InheritedStream.reading(file.number(), "stdin")) {
        assertEquals("", read(in), "the offset is at the end");
      }
      assertEquals(17, LibC.CALL.pread(file.number(), all, new NativeLong(100), 0).longValue());
      assertEquals("shell guest shell", new String(all, 0, 17, StandardCharsets.US_ASCII));
    }
  }

  @Test
  void theGivenDescriptorMayBeClosed() {
    Fd[] ends = pipe();
    try (Fd readEnd = ends[0];
        InheritedStream out = InheritedStream.writing(ends[1].number(), "stdout")) {
      ends[1].close();
      assertEquals(1, write(out, "x"));
      try (InheritedStream in = InheritedStream.reading(readEnd.number(), "stdin")) {
        assertEquals("x", read(in));
      }
    }
  }

  @Test
  void aDescriptorThatIsNotOpenIsRefusedByName() {
    Fd[] ends = pipe();
    int number = ends[0].number();
    ends[0].close();
    ends[1].close();
    SyscallException e =
        assertThrows(SyscallException.class, () -> InheritedStream.reading(number, "stdin"));
    assertEquals("fstat on stdin: EBADF (9)", e.getMessage());
  }
}
