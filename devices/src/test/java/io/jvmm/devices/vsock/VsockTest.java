package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.BOTH;
import static io.jvmm.devices.vsock.GuestDouble.CID;
import static io.jvmm.devices.vsock.GuestDouble.REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.RST;
import static io.jvmm.devices.vsock.GuestDouble.SHUTDOWN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest's driver, the device, and the host's programs at Unix sockets. */
class VsockTest extends VsockSockets {
  VsockTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void theDriverReadsItsContextId() {
    assertEquals(19, guest.test.driver.get(0x008));
    assertEquals(CID, guest.test.driver.get(0x100));
    assertEquals(0, guest.test.driver.get(0x104));
  }

  @Test
  void aGuestReachesWhoListensAtThePathOfItsPort() throws IOException {
    host.listen(PORT);
    Packet response = guest.connect(GUEST, PORT);
    assertEquals(PORT, response.hostPort());
    assertEquals(GUEST, response.guestPort());
    assertEquals(DEVICE_ROOM, response.bufAlloc());
    try (SocketChannel peer = host.accept(PORT)) {
      data("from the guest");
      assertEquals("from the guest", HostDouble.read(peer, 14));
      HostDouble.write(peer, "from the host");
      Packet packet = guest.expect("RW 13");
      assertEquals("from the host", text(packet));
      assertEquals(14, packet.fwdCnt(), "every packet tells what was passed on");
    }
    assertEquals(14, counter("from.guest.bytes"));
    assertEquals(13, counter("to.guest.bytes"));
    assertEquals(1, counter("connections"));
  }

  @Test
  void nobodyListensIsARefusal() {
    guest.send(REQUEST, GUEST, PORT);
    Packet refusal = guest.expect("RST");
    assertEquals(PORT, refusal.hostPort());
    assertEquals(GUEST, refusal.guestPort());
    assertEquals(1, counter("connections.refused"));
    assertEquals(0, counter("connections"));
  }

  @Test
  void aResetEndsAllConnectionsAndTheNextDriverFindsNone() throws IOException {
    try (SocketChannel peer = connected();
        SocketChannel client = host.client()) {
      HostDouble.write(client, "CONNECT 77\n");
      guest.expect("REQUEST");
      guest.start();
      assertEquals("", HostDouble.read(peer, 1));
      assertEquals("", HostDouble.read(client, 1));
      assertEquals(0, counter("connections.open"));
      try (SocketChannel next = connectedAgain()) {
        data("anew");
        assertEquals("anew", HostDouble.read(next, 4));
      }
    }
  }

  @Test
  void aGuestWithAllConnectionsThatItMayHaveIsStillReachedByTheHost() throws IOException {
    host.listenInBackground(PORT);
    for (int i = 0; i < Mux.CONNECTIONS_MAX - Mux.FOR_HOST; i++) {
      Packet packet;
      do { // the host accepts no faster than it can
        guest.send(REQUEST, i, PORT);
        packet = guest.receive();
        assertEquals(i, packet.guestPort());
      } while (packet.op() == RST);
    }
    guest.send(REQUEST, 10_000, PORT);
    guest.expect("RST");
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < Mux.FOR_HOST; i++) {
      clients.add(host.client());
      HostDouble.write(clients.getLast(), "CONNECT 77\n");
      guest.expect("REQUEST");
    }
    try (SocketChannel oneMore = host.client()) {
      HostDouble.write(oneMore, "CONNECT 77\n");
      assertEquals("", HostDouble.read(oneMore, 1));
    }
    for (SocketChannel client : clients) {
      client.close();
      guest.expect("RST");
    }
    guest.send(RST, 0, PORT);
    guest.connect(10_000, PORT);
  }

  @Test
  void tenThousandConnectionsInARowLeaveNoDescriptor() throws IOException {
    connected().close(); // whatever is loaded once is loaded now
    guest.expectHostGone();
    guest.send(RST, GUEST, PORT);
    guest.test.settle();
    long before = descriptors();
    for (int i = 0; i < 10_000; i++) {
      guest.connect(i, PORT);
      try (SocketChannel peer = host.accept(PORT)) {
        assertTrue(peer.isConnected());
        if (i % 4 == 0) {
          guest.send(SHUTDOWN, i, PORT, BOTH);
          guest.expect("RST");
        } else if (i % 4 == 1) {
          guest.send(RST, i, PORT);
        }
      }
      if (i % 4 >= 2) {
        guest.expectHostGone();
        guest.send(i % 4 == 2 ? RST : SHUTDOWN, i, PORT, BOTH);
      }
      if (i % 4 == 3) {
        guest.expect("RST");
      }
    }
    guest.test.settle();
    assertEquals(before, descriptors());
    assertEquals(10_001, counter("connections"));
    assertEquals(0, counter("connections.open"));
  }

  @Test
  void onlyOneDeviceHasAPath() {
    assertThrows(RuntimeException.class, () -> VsockPlaces.unix(host.path().toString()));
  }
}
