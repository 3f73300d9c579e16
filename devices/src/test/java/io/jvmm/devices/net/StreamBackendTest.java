package io.jvmm.devices.net;

import static io.jvmm.devices.net.StreamEnd.announced;
import static io.jvmm.devices.net.StreamEnd.frame;
import static io.jvmm.devices.net.StreamEnd.framed;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.net.StreamEnd.Buffers;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.socket.ListeningSocket;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamBackendTest {
  private static final int HANG_SECONDS = 60;

  @TempDir private Path folder;

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final IoLoop loop = IoLoop.start("test", (what, cause) -> told.add(what + ": " + cause));
  private ListeningSocket listener;
  private StreamBackend backend;
  private StreamEnd end;

  @BeforeEach
  void connect() {
    String path = folder.resolve("s").toString();
    listener = ListeningSocket.listen(SocketAddress.unix(path), 8, "test");
    backend = UnixPeer.open(path);
    end = accept();
    loop.runAndAwait(() -> backend.attach(loop, new Told()));
  }

  @AfterEach
  void close() {
    loop.runAndAwait(backend::detach);
    backend.close();
    loop.close();
    end.close();
    listener.close();
  }

  private StreamEnd accept() {
    Socket accepted = listener.accept("end");
    while (accepted == null) {
      listener.awaitConnection(CallState.current());
      accepted = listener.accept("end");
    }
    return new StreamEnd(accepted);
  }

  /** Writes down what is told. */
  private final class Told implements NetEvents {
    @Override
    public void receivable(CallState state, int pair) {
      told.add("receivable");
    }

    @Override
    public void sendable(CallState state, int pair) {
      told.add("sendable");
    }

    @Override
    public void gone(CallState state, String reason) {
      told.add("gone: " + reason);
    }

    @Override
    public void back(CallState state) {
      told.add("back");
    }
  }

  /** The next that is told and is not of the kind that comes at any time. */
  private String next(String... butNot) throws InterruptedException {
    while (true) {
      String line = told.poll(HANG_SECONDS, TimeUnit.SECONDS);
      if (line == null || !List.of(butNot).contains(line)) {
        return String.valueOf(line);
      }
    }
  }

  private long send(byte[] frame) {
    AtomicLong result = new AtomicLong();
    loop.runAndAwait(
        () -> {
          try (Buffers buffers = Buffers.of(frame)) {
            result.set(backend.trySend(CallState.current(), 0, buffers.iovecs));
          }
        });
    return result.get();
  }

  private long receive(Buffers buffers) {
    AtomicLong result = new AtomicLong();
    loop.runAndAwait(() -> result.set(backend.tryReceive(CallState.current(), 0, buffers.iovecs)));
    return result.get();
  }

  @Test
  void framesGoBothWays() throws Exception {
    exchange();
  }

  private void exchange() throws Exception {
    assertEquals(60, send(frame(60, 1)));
    assertArrayEquals(frame(60, 1), end.receiveFrame());
    end.send(framed(frame(70, 2)));
    assertEquals("receivable", next());
    try (Buffers buffers = Buffers.whole()) {
      assertEquals(70, receive(buffers));
      assertArrayEquals(frame(70, 2), buffers.bytes(70));
      assertEquals(-Errno.EAGAIN, receive(buffers));
    }
  }

  @Test
  void roomIsToldWhereThereWasNone() throws Exception {
    int sent = 0;
    while (send(frame(60_000, sent)) > 0) {
      sent++;
    }
    for (int i = 0; i < sent; i++) {
      assertArrayEquals(frame(60_000, i), end.receiveFrame());
    }
    assertEquals("sendable", next());
    assertEquals(60_000, send(frame(60_000, sent)));
    assertArrayEquals(frame(60_000, sent), end.receiveFrame());
  }

  @Test
  void anEndIsToldOnceAndWhatIsSentThenIsLost() throws Exception {
    end.close();
    assertEquals("gone: the other side has hung up", next("receivable"));
    assertEquals(-Errno.ENOTCONN, send(frame(60, 1)));
    try (Buffers buffers = Buffers.whole()) {
      assertEquals(-Errno.EAGAIN, receive(buffers));
    }
    end = accept();
    assertEquals("back", next());
  }

  /** A device that takes one frame a turn, and writes down its length. */
  private final class Slow implements NetEvents {
    private final Buffers buffers = Buffers.whole();

    @Override
    public void receivable(CallState state, int pair) {
      long n = backend.tryReceive(state, pair, buffers.iovecs);
      if (n > 0) {
        told.add("frame of " + n);
      }
    }

    @Override
    public void sendable(CallState state, int pair) {}

    @Override
    public void gone(CallState state, String reason) {
      told.add("gone: " + reason);
    }

    @Override
    public void back(CallState state) {}
  }

  @Test
  void whatWasSentBeforeTheEndComesOverAsManyTurnsAsItTakes() throws Exception {
    Slow device = new Slow();
    loop.runAndAwait(backend::detach);
    for (int i = 1; i <= 100; i++) {
      end.send(framed(frame(i, i)));
    }
    end.hangUp();
    loop.runAndAwait(() -> backend.attach(loop, device));
    for (int i = 1; i <= 100; i++) {
      assertEquals("frame of " + i, next());
    }
    assertEquals("gone: the other side has hung up", next());
    loop.runAndAwait(device.buffers::close);
  }

  @Test
  void oneThatIsBackIsUsedAgain() throws Exception {
    end.send(Arrays.copyOf(framed(frame(100, 1)), 50));
    assertEquals("receivable", next());
    try (Buffers buffers = Buffers.whole()) {
      assertEquals(-Errno.EAGAIN, receive(buffers));
      end.close();
      assertEquals("gone: the other side has hung up", next("receivable"));
    }
    end = accept();
    assertEquals("back", next());
    exchange();
  }

  @Test
  void oneThatComesAndGoesIsLeftAloneForLonger() throws Exception {
    long pause = backend.nextPause();
    exchange(); // even where it is of use meanwhile
    end.close();
    assertEquals("gone: the other side has hung up", next("receivable"));
    assertTrue(backend.nextPause() > pause);
    end = accept();
    assertEquals("back", next());
  }

  @Test
  void whatIsNoFrameCostsTheConnection() throws Exception {
    end.send(announced(0));
    assertEquals("receivable", next());
    try (Buffers buffers = Buffers.whole()) {
      assertEquals(-Errno.EAGAIN, receive(buffers));
    }
    assertEquals("gone: the other side sent what is no frame", next());
    end.awaitEnd();
    end.close();
    end = accept();
    assertEquals("back", next());
  }

  @Test
  void whatWaitsForRoomIsLostWithTheOtherSide() throws Exception {
    while (send(frame(60_000, 1)) > 0) {}
    end.close();
    assertEquals("gone: the other side has hung up", next("receivable"));
    assertEquals("sendable", next());
    assertEquals(-Errno.ENOTCONN, send(frame(60_000, 1)));
    end = accept();
    assertEquals("back", next());
    assertEquals(61, send(frame(61, 1)));
    assertArrayEquals(frame(61, 1), end.receiveFrame());
  }

  @Test
  void aFrameThatIsForgottenHalfSentLeavesTheOthersWhole() throws Exception {
    int sent = 0;
    while (send(frame(60_000, sent)) > 0) {
      sent++;
    }
    loop.runAndAwait(() -> backend.forget(CallState.current(), 0));
    for (int i = 0; i < sent; i++) {
      assertArrayEquals(frame(60_000, i), end.receiveFrame());
    }
    assertEquals("sendable", next());
    assertEquals(61, send(frame(61, 1)));
    byte[] received = end.receiveFrame();
    assertArrayEquals(frame(61, 1), received.length == 61 ? received : end.receiveFrame());
  }

  /** One that is back twice: as a descriptor that epoll does not take, and then for good. */
  private static final class Unwatchable implements StreamPeer {
    private final Socket[] back = Socket.pair("back");
    private int calls;

    @Override
    public String name() {
      return "unwatchable";
    }

    @Override
    public int mtu() {
      return 0;
    }

    @Override
    public boolean mayComeBack() {
      return true;
    }

    @Override
    public Socket connect() {
      if (calls++ > 0) {
        return back[0];
      }
      Socket[] closed = Socket.pair("closed");
      closed[1].close();
      new Fd(closed[0].fd().number(), "the same").close();
      return closed[0];
    }

    @Override
    public void hangUp(Socket connection) {
      connection.close();
    }

    @Override
    public void close() {}
  }

  @Test
  void oneThatTheHostCannotWatchIsAskedAgainAndNothingFails() throws Exception {
    Unwatchable peer = new Unwatchable();
    Socket[] first = Socket.pair("first");
    StreamBackend again = new StreamBackend(peer, first[0]);
    loop.runAndAwait(() -> again.attach(loop, new Told()));
    first[1].close();
    assertEquals("gone: the other side has hung up", next("receivable"));
    assertEquals("back", next("receivable")); // a handler that fails is told, too
    assertEquals(2, peer.calls);
    loop.runAndAwait(again::detach);
    again.close();
    peer.back[1].close();
  }

  private static void assertRefused(String path, String why) {
    NetException refused = assertThrows(NetException.class, () -> UnixPeer.open(path));
    assertTrue(refused.toString().endsWith("unix socket " + path + " " + why), refused::toString);
  }

  @Test
  void nobodyToConnectToIsSaid() throws IOException {
    String path = folder.resolve("nobody").toString();
    assertRefused(path, "cannot be reached: it does not exist");
    Files.createFile(Path.of(path));
    assertRefused(path, "cannot be reached: nobody listens there");
    String messages = folder.resolve("messages").toString();
    try (ListeningSocket other =
        ListeningSocket.listenForOwnersMessages(SocketAddress.unix(messages), 1, "test")) {
      assertFalse(other.fd().isClosed());
      assertRefused(messages, "cannot be reached: it is no stream socket");
    }
    assertRefused("/" + "x".repeat(107), "has a path of more than 107 bytes");
    assertRefused("", "has no path");
    assertNull(told.peek());
  }
}
