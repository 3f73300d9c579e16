package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.BOTH;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_UPDATE;
import static io.jvmm.devices.vsock.GuestDouble.RCV;
import static io.jvmm.devices.vsock.GuestDouble.REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.RST;
import static io.jvmm.devices.vsock.GuestDouble.SEND;
import static io.jvmm.devices.vsock.GuestDouble.SHUTDOWN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every order in which guest and host may end what they send, and the connection. */
class VsockEndsTest extends VsockSockets {
  VsockEndsTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void aGuestThatSendsNoMoreStillReceives() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      data("last");
      guest.send(SHUTDOWN, GUEST, PORT, SEND);
      assertEquals("last", HostDouble.read(peer, 5), "and then the end");
      HostDouble.write(peer, "answer");
      guest.expect("RW 6");
      peer.shutdownOutput();
      guest.expectHostGone(); // neither side sends any more
    }
    guest.send(RST, GUEST, PORT);
    guest.expectSilence();
    assertEquals(0, counter("connections.open"));
    assertEquals(0, counter("connections.reset"));
  }

  @Test
  void aGuestThatReceivesNoMoreStillSends() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      guest.send(SHUTDOWN, GUEST, PORT, RCV);
      guest.test.settle();
      assertThrows(IOException.class, () -> HostDouble.write(peer, "not wanted"));
      data("still");
      assertEquals("still", HostDouble.read(peer, 5));
      guest.expectSilence();
      guest.send(SHUTDOWN, GUEST, PORT, SEND);
      guest.expect("RST");
      assertEquals("", HostDouble.read(peer, 1));
    }
    assertEquals(0, counter("connections.open"));
    assertEquals(0, counter("connections.reset"));
  }

  @Test
  void aGuestsOrderlyCloseIsAnsweredAndNothingThatItSentIsLost() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      data("words");
      guest.send(SHUTDOWN, GUEST, PORT, BOTH);
      guest.expect("RST");
      assertEquals("words", HostDouble.read(peer, 6));
    }
    guest.expectSilence();
    assertEquals(0, counter("connections.open"));
    assertEquals(0, counter("connections.reset"));
  }

  @Test
  void whatAClosedGuestSentWaitsForASlowReaderWhileItsPortsAreUsedAnew() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    byte[] piece = new byte[64 * 1024];
    new Random(5).nextBytes(piece);
    try (SocketChannel peer = host.accept(PORT)) {
      for (int i = 0; i < 4; i++) {
        data(piece);
      }
      guest.send(SHUTDOWN, GUEST, PORT, BOTH);
      Packet packet;
      do {
        packet = guest.receive();
      } while (packet.op() == CREDIT_UPDATE);
      assertEquals("RST", packet.name());
      guest.connect(GUEST, PORT);
      try (SocketChannel second = host.accept(PORT)) {
        data("second");
        assertEquals("second", HostDouble.read(second, 6));
        for (int i = 0; i < 4; i++) {
          assertArrayEquals(piece, HostDouble.readBytes(peer, piece.length));
        }
        assertEquals("", HostDouble.read(peer, 1));
      }
    }
  }

  @Test
  void whatAClosedGuestSentReachesTheHostThoughTheGuestTakesNoAnswer() throws IOException {
    guest.startWithoutBuffers();
    host.listen(PORT);
    guest.send(REQUEST, GUEST, PORT);
    byte[] piece = new byte[64 * 1024];
    try (SocketChannel peer = host.accept(PORT)) {
      for (int i = 0; i < 4; i++) {
        data(piece);
      }
      guest.send(SHUTDOWN, GUEST, PORT, BOTH);
      assertEquals(4L * piece.length, HostDouble.readAll(peer));
    }
    guest.postBuffers(1);
    guest.expect("RST");
  }

  @Test
  void aGuestsResetEndsTheHostsConnection() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      guest.send(RST, GUEST, PORT);
      assertEquals("", HostDouble.read(peer, 1));
    }
    guest.expectSilence();
    assertEquals(1, counter("connections.reset"));
  }

  @Test
  void aHostsCloseIsAnOrderlyOneAfterWhatItSent() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      HostDouble.write(peer, "bye");
    }
    guest.expect("RW 3");
    guest.expectHostGone();
    data("into the void"); // on its way meanwhile
    guest.expectSilence();
    guest.send(SHUTDOWN, GUEST, PORT, BOTH);
    guest.expect("RST");
    assertEquals(0, counter("connections.open"));
    assertEquals(0, counter("connections.reset"));
  }

  @Test
  void aHostThatSendsNoMoreStillReceives() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      peer.shutdownOutput();
      guest.expect("SHUTDOWN 2");
      data("heard");
      assertEquals("heard", HostDouble.read(peer, 5));
      guest.expectSilence();
    }
    guest.expectHostGone();
    guest.send(RST, GUEST, PORT);
    guest.test.settle();
    assertEquals(0, counter("connections.open"));
  }

  @Test
  void aHostThatReceivesNoMoreTellsTheGuestWhenItSends() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      peer.shutdownInput();
      data("nobody hears it");
      guest.expect("SHUTDOWN 1");
      HostDouble.write(peer, "though I speak");
      guest.expect("RW 14");
    }
    guest.expectHostGone();
  }

  @Test
  void aHostThatGoesWithWordsUnreadResetsTheGuest() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      data("never read");
      assertTrue(peer.isConnected());
    }
    guest.expect("RST");
    guest.expectSilence();
    assertEquals(1, counter("connections.reset"));
    assertEquals(0, counter("connections.open"));
  }
}
