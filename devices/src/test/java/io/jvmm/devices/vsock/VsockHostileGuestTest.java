package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.BOTH;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_UPDATE;
import static io.jvmm.devices.vsock.GuestDouble.REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.RST;
import static io.jvmm.devices.vsock.GuestDouble.SEQPACKET;
import static io.jvmm.devices.vsock.GuestDouble.SHUTDOWN;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.jvmm.host.CallState;
import io.jvmm.host.socket.ListeningSocket;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a guest may do to hold up the device, and what becomes of it. */
class VsockHostileGuestTest extends VsockSockets {
  VsockHostileGuestTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void aGuestThatHasTakenLessThanNothingStillGetsData() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      for (int taken : new int[] {-(1 << 30) - 1, 1 + (1 << 31)}) {
        guest.send(STREAM, CREDIT_UPDATE, GUEST, PORT, 0, 100, taken, new byte[0]);
      }
      HostDouble.write(peer, "goes on");
      assertEquals("goes on", text(guest.expect("RW 7")));
    }
  }

  @Test
  void buffersWithoutRoomForDataHoldUpNobody() throws IOException {
    guest.startWithoutBuffers();
    host.listen(PORT);
    guest.send(REQUEST, GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
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
    guest.startWithoutBuffers();
    host.listen(PORT);
    guest.send(REQUEST, GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      for (int sent = 0; sent < DEVICE_ROOM; sent += PIECE) {
        data(new byte[PIECE]);
      }
      guest.send(SHUTDOWN, GUEST, PORT, BOTH);
      guest.send(RST, GUEST, PORT); // Linux, after eight seconds
      assertEquals(DEVICE_ROOM, HostDouble.readAll(peer));
    }
    guest.postBuffers(1);
    guest.expectSilence();
    assertEquals(0, counter("connections.reset"));
    assertEquals(0, counter("connections.open"));
  }
}
