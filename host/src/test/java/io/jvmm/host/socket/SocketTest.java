package io.jvmm.host.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketTest {
  private static final int HANG_MILLIS = 60_000;
  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  private final CallState state = CallState.current();
  private final Arena arena = Arena.ofAuto();

  @TempDir private Path folder;

  @Test
  void bytesGoThroughAUnixSocket() {
    SocketAddress address = SocketAddress.unix(folder.resolve("s").toString());
    try (ListeningSocket listener = ListeningSocket.listen(address, 1, "test");
        Socket client = Socket.connect(address, "client")) {
      assertEquals(0, client.tryTakeError(state));
      passOn(listener, client);
    }
  }

  @Test
  void bytesGoThroughTcp() {
    try (ListeningSocket listener = listenAtLoopback();
        Socket client = Socket.connect(loopback(listener.port()), "client")) {
      assertTrue(client.awaitWritable(state, HANG_MILLIS));
      assertEquals(0, client.tryTakeError(state));
      client.setNoDelay();
      client.setKeepAlive(15, 5, 3);
      client.setUserTimeout(30_000);
      passOn(listener, client);
    }
  }

  private void passOn(ListeningSocket listener, Socket client) {
    try (Socket server = accepted(listener)) {
      MemorySegment got = arena.allocate(5);
      assertEquals(-Errno.EAGAIN, receive(server, got));
      MemorySegment text = arena.allocateFrom("hello");
      MemorySegment iovecs = arena.allocate(32, 8);
      iovecs.set(ValueLayout.JAVA_LONG, 0, text.address());
      iovecs.set(ValueLayout.JAVA_LONG, 8, 2);
      iovecs.set(ValueLayout.JAVA_LONG, 16, text.address() + 2);
      iovecs.set(ValueLayout.JAVA_LONG, 24, 3);
      assertEquals(5, client.trySendVector(state, iovecs.address(), 2));
      assertTrue(server.awaitReadable(state, HANG_MILLIS));
      assertEquals(5, receive(server, got));
      assertEquals("hello", text(got));

      MemorySegment back = arena.allocate(5);
      iovecs.set(ValueLayout.JAVA_LONG, 0, back.address() + 3);
      iovecs.set(ValueLayout.JAVA_LONG, 16, back.address());
      assertEquals(5, server.trySend(state, text.address(), 5));
      assertTrue(client.awaitReadable(state, HANG_MILLIS));
      assertEquals(5, client.tryReceiveVector(state, iovecs.address(), 2));
      assertEquals("llohe", text(back));
    }
  }

  @Test
  void sendingStopsWhereThereIsNoRoom() {
    Socket[] pair = Socket.pair("test");
    try (Socket one = pair[0];
        Socket other = pair[1]) {
      one.setBuffers(4096, 4096);
      MemorySegment data = arena.allocate(1 << 20);
      long sent = one.trySend(state, data.address(), data.byteSize());
      assertTrue(sent > 0 && sent < data.byteSize(), () -> "sent " + sent);
      assertEquals(-Errno.EAGAIN, one.trySend(state, data.address(), data.byteSize()));
      assertTrue(other.awaitReadable(state, HANG_MILLIS));
    }
  }

  @Test
  void theOtherSidesEndIsRead() {
    Socket[] pair = Socket.pair("test");
    try (Socket one = pair[0];
        Socket other = pair[1]) {
      assertEquals(0, other.tryShutdownOutput(state));
      assertEquals(0, receive(one, arena.allocate(10)));
    }
  }

  @Test
  void sendingToOneThatIsGoneIsNoSignal() {
    Socket[] pair = Socket.pair("test");
    pair[1].close();
    try (Socket one = pair[0]) {
      MemorySegment data = arena.allocate(1);
      assertEquals(-Errno.EPIPE, one.trySend(state, data.address(), 1));
    }
  }

  @Test
  void nobodyAtAUnixSocketIsToldAtOnce() {
    SocketAddress address = SocketAddress.unix(folder.resolve("nobody").toString());
    SyscallException e =
        assertThrows(SyscallException.class, () -> Socket.connect(address, "test").close());
    assertTrue(e.is(Errno.ENOENT), e::toString);
  }

  @Test
  void nobodyAtAPortIsToldWhenTheConnectIsOver() {
    int port;
    try (ListeningSocket gone = listenAtLoopback()) {
      port = gone.port();
    }
    try (Socket client = Socket.connect(loopback(port), "test")) {
      assertTrue(client.awaitWritable(state, HANG_MILLIS));
      assertEquals(Errno.ECONNREFUSED, client.tryTakeError(state));
    } catch (SyscallException e) {
      assertTrue(e.is(Errno.ECONNREFUSED), e::toString);
    }
  }

  @Test
  void aNameThatIsTakenIsRefused() {
    SocketAddress address = SocketAddress.unix(folder.resolve("s").toString());
    try (ListeningSocket listener = ListeningSocket.listen(address, 1, "test")) {
      assertNull(listener.accept("nobody"));
      SyscallException e =
          assertThrows(
              SyscallException.class, () -> ListeningSocket.listen(address, 1, "again").close());
      assertTrue(e.is(Errno.EADDRINUSE), e::toString);
    }
  }

  @Test
  void aPathThatIsNoAddressIsRefused() {
    assertThrows(SyscallException.class, () -> SocketAddress.unix("/" + "x".repeat(107)));
    assertThrows(SyscallException.class, () -> SocketAddress.unix(""));
    assertThrows(SyscallException.class, () -> SocketAddress.unix("a\0b"));
    assertEquals("/" + "x".repeat(106), SocketAddress.unix("/" + "x".repeat(106)).toString());
  }

  @Test
  void anAddressIsWrittenInNetworkOrder() {
    MemorySegment struct = arena.allocate(128, 8);
    byte[] six = new byte[16];
    six[15] = 1;
    SocketAddress address = SocketAddress.internet(six, 7, 10809, "[::1]:10809");
    assertEquals(SocketAddress.SOCKADDR_IN6_SIZE, address.write(struct));
    assertEquals(SocketAddress.AF_INET6, struct.get(ValueLayout.JAVA_SHORT, 0));
    assertEquals(10809 >> 8, struct.get(ValueLayout.JAVA_BYTE, 2));
    assertEquals((byte) 10809, struct.get(ValueLayout.JAVA_BYTE, 3));
    assertEquals(1, struct.get(ValueLayout.JAVA_BYTE, 23));
    assertEquals(7, struct.get(ValueLayout.JAVA_INT, 24));
    assertThrows(
        IllegalArgumentException.class,
        () -> SocketAddress.internet(new byte[5], 0, 1, "of no family"));
    assertThrows(
        IllegalArgumentException.class,
        () -> SocketAddress.internet(LOOPBACK, 0, 65536, "no port"));
  }

  private static String text(MemorySegment bytes) {
    return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
  }

  private static ListeningSocket listenAtLoopback() {
    return ListeningSocket.listen(loopback(0), 1, "test");
  }

  private static SocketAddress loopback(int port) {
    return SocketAddress.internet(LOOPBACK, 0, port, "127.0.0.1:" + port);
  }

  private static Socket accepted(ListeningSocket listener) {
    Socket socket = listener.accept("server");
    assertNotNull(socket);
    return socket;
  }

  private long receive(Socket socket, MemorySegment into) {
    return socket.tryReceive(state, into.address(), into.byteSize());
  }

  @Test
  void aSocketForTheOwnerHasModeSixHundred() throws Exception {
    Path path = folder.resolve("s");
    try (ListeningSocket listener =
        ListeningSocket.listenForOwner(SocketAddress.unix(path.toString()), 1, "test")) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      assertFalse(listener.fd().isClosed());
    }
  }

  @Test
  void stoppingAListenerWakesWhoWaitsForConnections() throws Exception {
    SocketAddress address = SocketAddress.unix(folder.resolve("s").toString());
    try (ListeningSocket listener = ListeningSocket.listen(address, 1, "test")) {
      Thread waiting = new Thread(() -> listener.awaitConnection(CallState.current()));
      waiting.start();
      listener.stop(state);
      waiting.join();
      assertNull(listener.accept("nobody"));
      assertThrows(SyscallException.class, () -> Socket.connect(address, "late"));
    }
  }

  @Test
  void shuttingASocketDownWakesWhoWaitsForInput() throws Exception {
    Socket[] pair = Socket.pair("test");
    try (Socket one = pair[0];
        Socket other = pair[1]) {
      Thread waiting = new Thread(() -> one.awaitReadable(CallState.current(), HANG_MILLIS));
      waiting.start();
      assertEquals(0, one.tryShutdownInput(state));
      waiting.join();
      MemorySegment text = arena.allocateFrom("last");
      assertEquals(0, receive(one, arena.allocate(1)));
      assertEquals(4, one.trySend(state, text.address(), 4));
      assertEquals(0, one.tryShutdown(state));
      assertEquals(-Errno.EPIPE, one.trySend(state, text.address(), 4));
      assertEquals(4, receive(other, arena.allocate(8)));
    }
  }
}
