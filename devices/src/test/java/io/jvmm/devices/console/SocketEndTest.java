package io.jvmm.devices.console;

import static io.jvmm.devices.console.PortUnderTest.CONTROL;
import static io.jvmm.devices.console.PortUnderTest.CONTROL_RX;
import static io.jvmm.devices.console.PortUnderTest.DATA;
import static io.jvmm.devices.console.PortUnderTest.OPEN;
import static io.jvmm.devices.console.PortUnderTest.RX;
import static io.jvmm.devices.console.PortUnderTest.TX;
import static io.jvmm.devices.console.PortUnderTest.open;
import static io.jvmm.devices.console.PortUnderTest.read;
import static io.jvmm.devices.console.PortUnderTest.receive;
import static io.jvmm.devices.console.PortUnderTest.send;
import static io.jvmm.devices.console.PortUnderTest.text;
import static io.jvmm.devices.console.PortUnderTest.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.host.CallState;
import io.jvmm.host.Syscall;
import io.jvmm.host.SyscallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A port whose host's end is a Unix socket: who connects, and who is gone. */
class SocketEndTest {
  @TempDir private Path folder;

  private Path path() {
    return folder.resolve("port");
  }

  private DeviceUnderTest console() {
    return PortUnderTest.console(path());
  }

  private SocketChannel client() throws IOException {
    return PortUnderTest.client(path());
  }

  @Test
  void onlyTheOwnerConnectsToAPortsSocket() throws IOException {
    SocketEnd end = SocketEnd.listen(path().toString());
    try {
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path())));
    } finally {
      end.close();
    }
  }

  @Test
  void whatAClientSentBeforeItWentReachesTheGuestBeforeItsEnd() throws IOException {
    try (DeviceUnderTest test = console()) {
      try (SocketChannel client = client()) {
        write(client, "last ");
        open(test);
        write(client, "words");
      }
      StringBuilder words = new StringBuilder();
      while (words.length() < 10) {
        test.queue(RX).chain().write(DATA, 64).submit();
        test.exchange(RX);
        words.append(text(test, DATA, (int) test.queue(RX).reapedLength()));
      }
      assertEquals("last words", words.toString());
      assertEquals("1 6 0", receive(test));
      try (SocketChannel next = client()) { // and the next one is served
        assertEquals("1 6 1", receive(test));
        test.queue(TX).chain().read(DATA, 4).submit();
        test.exchange(TX);
        assertEquals("word", read(next, 4)); // of what the guest had read last
      }
    }
  }

  @Test
  void theDriverSeesTheLastBytesBeforeTheEnd() throws IOException {
    try (DeviceUnderTest test = console()) {
      try (SocketChannel client = client()) {
        open(test);
        write(client, "last words");
      }
      int bytesBefore = test.queue(RX).usedIdx();
      int endBefore = test.queue(CONTROL_RX).usedIdx();
      List<String> seen = new CopyOnWriteArrayList<>();
      test.interrupt.whenRaised(
          () -> {
            boolean bytes = test.queue(RX).usedIdx() != bytesBefore;
            boolean end = test.queue(CONTROL_RX).usedIdx() != endBefore;
            seen.add((bytes ? "bytes " : "") + (end ? "end" : ""));
          });
      test.queue(CONTROL_RX).chain().write(CONTROL + 64, 128).submit();
      test.queue(RX).chain().write(DATA, 64).submit();
      test.ring(CONTROL_RX);
      test.exchange(RX);
      assertEquals("last words", text(test, DATA, (int) test.queue(RX).reapedLength()));
      test.awaitUsed(CONTROL_RX);
      assertEquals("bytes ", seen.getFirst());
      assertFalse(seen.contains("end"));
    }
  }

  @Test
  void whatAClientSentReachesAGuestThatHasWrittenToItInVain() throws IOException {
    try (DeviceUnderTest test = console()) {
      try (SocketChannel client = client()) {
        open(test);
        write(client, "first, ");
        test.settle();
        write(client, "then");
      }
      test.queue(TX).chain().read(DATA, 4).submit();
      test.exchange(TX); // nobody reads it
      StringBuilder words = new StringBuilder();
      while (words.length() < 11) {
        test.queue(RX).chain().write(DATA, 64).submit();
        test.exchange(RX);
        words.append(text(test, DATA, (int) test.queue(RX).reapedLength()));
      }
      assertEquals("first, then", words.toString());
      assertEquals("1 6 0", receive(test));
    }
  }

  @Test
  void whatWasForAClientThatIsGoneDoesNotReachTheNext() throws IOException {
    try (DeviceUnderTest test = console()) {
      try (SocketChannel client = client()) {
        open(test);
        for (int chain = 0; chain < Console.QUEUE_SIZE / 2; chain++) {
          test.queue(TX).chain().read(DATA, 4).submit(); // not yet rung for
        }
        assertTrue(client.isConnected());
      }
      test.settle();
      assertEquals("1 6 0", receive(test));
      try (SocketChannel next = client()) {
        assertEquals("1 6 1", receive(test));
        test.memory.write(DATA + 64, "new!".getBytes(StandardCharsets.US_ASCII));
        test.queue(TX).chain().read(DATA + 64, 4).submit();
        test.ring(TX);
        assertEquals("new!", read(next, 4));
      }
    }
  }

  @Test
  void aClientIsMissedAlsoWhileNobodyInTheGuestHasThePortOpen() throws IOException {
    try (DeviceUnderTest test = console()) {
      try (SocketChannel client = client()) {
        open(test);
        test.settle();
        send(test, 1, OPEN, 0);
        assertTrue(client.isConnected());
      }
      assertEquals("1 6 0", receive(test));
      try (SocketChannel next = client()) {
        assertEquals("1 6 1", receive(test));
        assertTrue(next.isConnected());
      }
    }
  }

  @Test
  void bytesOfTheNextClientWaitUntilTheDriverHasHeardOfTheFirstOnesEnd() throws IOException {
    try (DeviceUnderTest test = console()) {
      try (SocketChannel client = client()) {
        open(test);
        assertTrue(client.isConnected());
      }
      test.settle();
      try (SocketChannel next = client()) {
        write(next, "mine");
        int before = test.queue(RX).usedIdx();
        test.queue(RX).chain().write(DATA, 64).submit();
        test.ring(RX);
        test.settle();
        assertEquals(before, test.queue(RX).usedIdx());
        assertEquals("1 6 0", receive(test));
        assertEquals("1 6 1", receive(test));
        test.awaitUsed(RX);
        assertEquals("mine", text(test, DATA, 4));
      }
    }
  }

  @Test
  void aClientThatOnlyStopsSendingStillReads() throws IOException {
    try (DeviceUnderTest test = console();
        SocketChannel client = client()) {
      open(test);
      write(client, "question");
      client.shutdownOutput();
      test.queue(RX).chain().write(DATA, 64).submit();
      test.exchange(RX);
      test.queue(TX).chain().read(DATA, 8).submit();
      test.exchange(TX);
      assertEquals("question", read(client, 8));
    }
  }

  @Test
  void aSecondClientWaitsUntilTheFirstIsGone() throws IOException {
    try (DeviceUnderTest test = console()) {
      SocketChannel second;
      try (SocketChannel first = client()) {
        second = client();
        open(test);
        write(second, "second");
        write(first, "first");
        test.queue(RX).chain().write(DATA, 64).submit();
        test.exchange(RX);
        assertEquals("first", text(test, DATA, 5));
      }
      try (second) {
        assertEquals("1 6 0", receive(test));
        assertEquals("1 6 1", receive(test));
        test.queue(RX).chain().write(DATA, 64).submit();
        test.exchange(RX);
        assertEquals("second", text(test, DATA, 6));
      }
    }
  }

  @Test
  void aSocketThatWasLeftBehindIsReplacedAndAnotherFileIsNot() throws IOException {
    try (var left = java.nio.channels.ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(path()));
      assertThrows(SyscallException.class, () -> SocketEnd.listen(path().toString()));
    }
    assertTrue(Files.exists(path()));
    SocketEnd.listen(path().toString()).close();
    assertFalse(Files.exists(path()));
    Files.writeString(path(), "a file");
    assertThrows(SyscallException.class, () -> SocketEnd.listen(path().toString()));
    assertEquals("a file", Files.readString(path()));
  }

  /** As far as new descriptors go, while the channel is there already. */
  @Test
  @Timeout(60)
  void aProcessThatRunsOutOfDescriptorsTakesTheClientWhenItHasSomeAgain() throws IOException {
    try (DeviceUnderTest test = console();
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      open(test);
      client.configureBlocking(true);
      OpenFileLimit limit = OpenFileLimit.zero();
      try {
        client.connect(UnixDomainSocketAddress.of(path()));
        test.settle();
      } finally {
        limit.restore();
      }
      assertEquals("1 6 1", receive(test));
      write(client, "hello");
      test.queue(RX).chain().write(DATA, 64).submit();
      test.exchange(RX);
      assertEquals("hello", text(test, DATA, 5));
    }
  }

  /** The process's soft limit of open files ({@code prlimit(2)}). */
  private record OpenFileLimit(long soft, long hard) {
    private static final int PRLIMIT64 = 302; // asm/unistd_64.h
    private static final int RLIMIT_NOFILE = 7; // asm-generic/resource.h

    /** From here on no descriptor can be made. */
    static OpenFileLimit zero() {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment old = arena.allocate(16, 8);
        call(0, old.address());
        OpenFileLimit limit =
            new OpenFileLimit(old.get(ValueLayout.JAVA_LONG, 0), old.get(ValueLayout.JAVA_LONG, 8));
        limit.set(0);
        return limit;
      }
    }

    void restore() {
      set(soft);
    }

    private void set(long value) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment wanted = arena.allocate(16, 8);
        wanted.set(ValueLayout.JAVA_LONG, 0, value);
        wanted.set(ValueLayout.JAVA_LONG, 8, hard);
        call(wanted.address(), 0);
      }
    }

    private static void call(long wanted, long old) {
      CallState state = CallState.current();
      Syscall.check(
          Syscall.call(state, PRLIMIT64, 0, RLIMIT_NOFILE, wanted, old), "prlimit64", "test");
    }
  }
}
