package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.BOTH;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_UPDATE;
import static io.jvmm.devices.vsock.GuestDouble.RCV;
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
    try (SocketChannel peer = connected()) {
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
    expectOrderlyEnd();
  }

  @Test
  void aGuestThatReceivesNoMoreStillSends() throws IOException {
    try (SocketChannel peer = connected()) {
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
    expectOrderlyEnd();
  }

  @Test
  void aGuestsOrderlyCloseIsAnsweredAndNothingThatItSentIsLost() throws IOException {
    try (SocketChannel peer = connected()) {
      data("words");
      guest.send(SHUTDOWN, GUEST, PORT, BOTH);
      guest.expect("RST");
      assertEquals("words", HostDouble.read(peer, 6));
    }
    guest.expectSilence();
    expectOrderlyEnd();
  }

  @Test
  void whatAClosedGuestSentWaitsForASlowReaderWhileItsPortsAreUsedAnew() throws IOException {
    byte[] piece = new byte[PIECE];
    new Random(5).nextBytes(piece);
    try (SocketChannel peer = connected()) {
      fillRoom(piece);
      guest.send(SHUTDOWN, GUEST, PORT, BOTH);
      Packet packet;
      do {
        packet = guest.receive();
      } while (packet.op() == CREDIT_UPDATE);
      assertEquals("RST", packet.name());
      try (SocketChannel second = connectedAgain()) {
        data("second");
        assertEquals("second", HostDouble.read(second, 6));
        for (int got = 0; got < DEVICE_ROOM; got += PIECE) {
          assertArrayEquals(piece, HostDouble.readBytes(peer, PIECE));
        }
        assertEquals("", HostDouble.read(peer, 1));
      }
    }
  }

  @Test
  void whatAClosedGuestSentReachesTheHostThoughTheGuestTakesNoAnswer() throws IOException {
    try (SocketChannel peer = connectedUnheard()) {
      fillRoom(new byte[PIECE]);
      guest.send(SHUTDOWN, GUEST, PORT, BOTH);
      assertEquals(DEVICE_ROOM, HostDouble.readAll(peer));
    }
    guest.postBuffers(1);
    guest.expect("RST");
  }

  @Test
  void aGuestsResetEndsTheHostsConnection() throws IOException {
    try (SocketChannel peer = connected()) {
      guest.send(RST, GUEST, PORT);
      assertEquals("", HostDouble.read(peer, 1));
    }
    guest.expectSilence();
    expectReset();
  }

  @Test
  void aHostsCloseIsAnOrderlyOneAfterWhatItSent() throws IOException {
    try (SocketChannel peer = connected()) {
      HostDouble.write(peer, "bye");
    }
    guest.expect("RW 3");
    guest.expectHostGone();
    data("into the void"); // on its way meanwhile
    guest.expectSilence();
    guest.send(SHUTDOWN, GUEST, PORT, BOTH);
    guest.expect("RST");
    expectOrderlyEnd();
  }

  @Test
  void aHostThatSendsNoMoreStillReceives() throws IOException {
    try (SocketChannel peer = connected()) {
      peer.shutdownOutput();
      guest.expect("SHUTDOWN 2");
      data("heard");
      assertEquals("heard", HostDouble.read(peer, 5));
      guest.expectSilence();
    }
    guest.expectHostGone();
    guest.send(RST, GUEST, PORT);
    guest.test.settle();
    expectOrderlyEnd();
  }

  @Test
  void aHostThatReceivesNoMoreTellsTheGuestWhenItSends() throws IOException {
    try (SocketChannel peer = connected()) {
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
    try (SocketChannel peer = connected()) {
      data("never read");
      assertTrue(peer.isConnected());
    }
    guest.expect("RST");
    guest.expectSilence();
    expectReset();
  }
}
