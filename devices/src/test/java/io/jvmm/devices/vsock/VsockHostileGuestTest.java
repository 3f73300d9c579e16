package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.BOTH;
import static io.jvmm.devices.vsock.GuestDouble.CID;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_UPDATE;
import static io.jvmm.devices.vsock.GuestDouble.REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.RESPONSE;
import static io.jvmm.devices.vsock.GuestDouble.RST;
import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.SEQPACKET;
import static io.jvmm.devices.vsock.GuestDouble.SHUTDOWN;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import io.jvmm.host.CallState;
import io.jvmm.host.socket.ListeningSocket;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a guest may do that makes no sense or holds up the device, and what becomes of it. */
class VsockHostileGuestTest extends VsockSockets {
  VsockHostileGuestTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void aGuestThatSendsMoreThanThereIsRoomForIsReset() throws IOException {
    byte[] piece = new byte[PIECE];
    try (SocketChannel peer = connected()) {
      while (counter("credit.violations") == 0) {
        data(piece);
      }
      Packet packet;
      do {
        packet = guest.receive();
      } while (packet.op() != RST);
      HostDouble.readAll(peer);
    }
    expectReset();
  }

  @Test
  void aGuestThatHasTakenMoreThanItGotIsReset() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    guest.send(STREAM, CREDIT_UPDATE, GUEST, PORT, 0, 100, 1, new byte[0]);
    guest.expect("RST");
    assertEquals(1, counter("credit.violations"));
  }

  @Test
  void packetsThatMakeNoSenseAreCountedAndDoNoHarm() throws IOException {
    try (SocketChannel peer = connected()) {
      guest.header(CID, 2, GUEST, PORT, 0, STREAM, RW, 0, 0, 0);
      guest.sendRaw(new byte[0], 43); // CVE-2019-18960: a header that is not all there
      guest.sendRaw(new byte[0], 1);
      guest.header(CID, 2, 1, 2, 5, STREAM, RW, 0, 0, 0);
      guest.sendRaw(new byte[4], 44); // says more than there is
      guest.expect("RST");
      guest.header(CID, 2, 1, 2, -1, STREAM, RW, 0, 0, 0);
      guest.sendRaw(new byte[4], 44);
      guest.expect("RST");
      guest.header(7, 2, GUEST, PORT, 0, STREAM, RST, 0, 0, 0);
      guest.sendRaw(new byte[0], 44); // says that it is somebody else
      guest.header(CID, 3, GUEST, PORT, 0, STREAM, RST, 0, 0, 0);
      guest.sendRaw(new byte[0], 44);
      guest.header(CID | 1L << 32, 2, GUEST, PORT, 0, STREAM, RST, 0, 0, 0);
      guest.sendRaw(new byte[0], 44);
      assertEquals(7, counter("malformed"));
      guest.send(9, REQUEST, 1, 2, 0, 0, 0, new byte[0]); // an unknown type
      assertEquals(9, guest.expect("RST").type());
      data("still here");
      assertEquals("still here", HostDouble.read(peer, 10));
    }
  }

  @Test
  void packetsOfNoConnectionAreAnsweredByRst() {
    for (int op : new int[] {RESPONSE, SHUTDOWN, CREDIT_UPDATE, CREDIT_REQUEST, 0, 8, 0xffff}) {
      guest.send(op, GUEST, PORT);
      guest.expect("RST");
    }
    guest.send(RST, GUEST, PORT); // but not this one
    guest.expectSilence();
    assertEquals(7, counter("strays"));
  }

  @Test
  void whatAConnectionCannotBeToldEndsIt() throws IOException {
    host.listen(PORT);
    for (int op : new int[] {REQUEST, RESPONSE, 0, 8}) {
      try (SocketChannel peer = connectedAgain()) {
        guest.send(op, GUEST, PORT);
        guest.expect("RST");
        assertEquals("", HostDouble.read(peer, 1));
      }
    }
    assertEquals(4, counter("malformed"));
    assertEquals(0, counter("connections.open"));
  }

  @Test
  void aGuestThatTakesNoAnswersIsServedAndRefusalsArePiledUpOnlySoFar() throws IOException {
    try (SocketChannel peer = connectedUnheard()) {
      for (int i = 0; i < ResetList.MAX + 10; i++) {
        guest.send(CREDIT_UPDATE, i, 1);
      }
      data("heard");
      assertEquals("heard", HostDouble.read(peer, 5));
      assertEquals(10, counter("unanswered"));
      guest.postBuffers(30);
      for (int i = 0; i < ResetList.MAX; i++) {
        assertEquals(i, guest.expect("RST").guestPort());
      }
      guest.expect("RESPONSE");
    }
  }

  @Test
  void aBufferThatIsTooSmallIsGivenBackEmpty() throws IOException {
    guest.startWithoutBuffers();
    host.listen(PORT);
    guest.send(REQUEST, GUEST, PORT);
    assertEquals(0, guest.exchangeBuffer(43));
    assertEquals(44, guest.exchangeBuffer(44));
  }

  @Test
  void aGuestThatHasTakenLessThanNothingStillGetsData() throws IOException {
    try (SocketChannel peer = connected()) {
      for (int taken : new int[] {-(1 << 30) - 1, 1 + (1 << 31)}) {
        guest.send(STREAM, CREDIT_UPDATE, GUEST, PORT, 0, 100, taken, new byte[0]);
      }
      HostDouble.write(peer, "goes on");
      assertEquals("goes on", text(guest.expect("RW 7")));
    }
  }

  @Test
  void buffersWithoutRoomForDataHoldUpNobody() throws IOException {
    try (SocketChannel peer = connectedUnheard()) {
      assertEquals(44, guest.exchangeBuffer(44), "the response");
      HostDouble.write(peer, "data");
      assertEquals(0, guest.exchangeBuffer(44));
      assertEquals(0, guest.exchangeBuffer(44));
      assertEquals(2, counter("malformed"));
      assertEquals(45, guest.exchangeBuffer(45));
      assertEquals(47, guest.exchangeBuffer(100));
    }
  }

  @Test
  void buffersWithoutRoomForMessagesHoldUpNobody() {
    guest.startWithoutBuffers();
    try (ListeningSocket server =
        ListeningSocket.listenForOwnersMessages(
            SocketAddress.unix(host.path() + "_" + PORT), 8, "test")) {
      guest.send(SEQPACKET, REQUEST, GUEST, PORT, 0, 100, 0, new byte[0]);
      try (Socket peer = server.accept("peer")) {
        assertNotNull(peer);
        assertEquals(44, guest.exchangeBuffer(44), "the response");
        CallState state = CallState.current();
        peer.trySend(state, state.scratch().address(), 4);
        assertEquals(0, guest.exchangeBuffer(44));
        assertEquals(48, guest.exchangeBuffer(100));
      }
    }
  }

  @Test
  void aGuestThatIsTiredOfWaitingForItsAnswerHasSentAllTheSame() throws IOException {
    try (SocketChannel peer = connectedUnheard()) {
      fillRoom(new byte[PIECE]);
      guest.send(SHUTDOWN, GUEST, PORT, BOTH);
      guest.send(RST, GUEST, PORT); // Linux, after eight seconds
      assertEquals(DEVICE_ROOM, HostDouble.readAll(peer));
    }
    guest.postBuffers(1);
    guest.expectSilence();
    expectOrderlyEnd();
  }
}
