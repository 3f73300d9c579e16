package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.RESPONSE;
import static io.jvmm.devices.vsock.GuestDouble.RST;
import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host's programs that come to the socket's path. */
class VsockClientsTest extends VsockSockets {
  VsockClientsTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void aClientReachesThePortThatItAsksFor() throws IOException {
    try (SocketChannel client = host.client()) {
      HostDouble.write(client, "CONNECT 77\nearly words");
      Packet request = guest.expect("REQUEST");
      assertEquals(77, request.guestPort());
      assertEquals(1 << 30, request.hostPort());
      guest.send(RESPONSE, 77, 1 << 30);
      assertEquals("OK 1073741824\n", HostDouble.read(client, 14));
      Packet early = guest.expect("RW 11");
      assertEquals("early words", text(early));
      guest.send(STREAM, RW, 77, 1 << 30, 0, GuestDouble.ROOM, 11, new byte[] {'h', 'i'});
      assertEquals("hi", HostDouble.read(client, 2));
    }
    guest.expectHostGone();
  }

  @Test
  void aGuestsRefusalClosesTheClientsConnection() throws IOException {
    try (SocketChannel client = host.client()) {
      HostDouble.write(client, "CONNECT 77\n");
      Packet request = guest.expect("REQUEST");
      guest.send(RST, 77, request.hostPort());
      assertEquals("", HostDouble.read(client, 1));
    }
    assertEquals(1, counter("connections.refused"));
    guest.expectSilence();
  }

  @Test
  void aClientThatGoesBeforeTheGuestHasAnsweredLeavesNothing() throws IOException {
    Packet request;
    try (SocketChannel client = host.client()) {
      HostDouble.write(client, "CONNECT 77\n");
      request = guest.expect("REQUEST");
    }
    guest.expect("RST");
    guest.send(RESPONSE, 77, request.hostPort());
    guest.expect("RST");
    assertEquals(0, counter("connections.open"));
  }

  @Test
  void aClientThatDoesNotSayConnectIsSentAway() throws IOException {
    try (SocketChannel client = host.client()) {
      HostDouble.write(client, "GET / HTTP/1.1\n");
      assertTrue(HostDouble.isSentAway(client));
    }
    try (SocketChannel client = host.client()) {
      HostDouble.write(client, "CONNECT 1");
      guest.test.settle();
      HostDouble.write(client, "111111111111111111111");
      assertTrue(HostDouble.isSentAway(client));
    }
    assertEquals(2, counter("bad.greetings"));
    guest.expectSilence();
  }

  @Test
  void aLineInPiecesIsALine() throws IOException {
    try (SocketChannel client = host.client()) {
      for (char c : "connect 9\n".toCharArray()) {
        HostDouble.write(client, String.valueOf(c));
        guest.test.settle();
      }
      assertEquals(9, guest.expect("REQUEST").guestPort());
    }
  }

  @Test
  void clientsThatSayNothingKeepNobodyOut() throws IOException {
    SocketChannel[] silent = new SocketChannel[Door.SILENT_MAX + 1];
    for (int i = 0; i < silent.length; i++) {
      silent[i] = host.client();
      guest.test.settle();
    }
    assertEquals("", HostDouble.read(silent[0], 1), "the oldest had to go");
    try (SocketChannel client = host.client()) {
      HostDouble.write(client, "CONNECT 5\n");
      guest.expect("REQUEST");
    }
    for (SocketChannel channel : silent) {
      channel.close();
    }
  }

  @Test
  void aMachineWithoutADriverSendsClientsAway() throws IOException {
    guest.test.driver.reset();
    try (SocketChannel client = host.client()) {
      HostDouble.write(client, "CONNECT 77\n");
      assertEquals("", HostDouble.read(client, 1));
    }
  }

  @Test
  void clientsInARowLeaveNoDescriptorHoweverTheyGo() throws IOException {
    comeAndGo(); // whatever is loaded once is loaded now
    guest.test.settle();
    long before = descriptors();
    for (int i = 0; i < 300; i++) {
      comeAndGo();
    }
    guest.test.settle();
    assertEquals(before, descriptors());
    assertEquals(0, counter("connections.open"));
  }

  private void comeAndGo() throws IOException {
    host.client().close();
    try (SocketChannel rude = host.client()) {
      HostDouble.write(rude, "HELLO\n");
      assertTrue(HostDouble.isSentAway(rude));
    }
    try (SocketChannel refused = host.client()) {
      HostDouble.write(refused, "CONNECT 77\n");
      guest.send(RST, 77, guest.expect("REQUEST").hostPort());
      assertTrue(HostDouble.isSentAway(refused));
    }
    int hostPort;
    try (SocketChannel granted = host.client()) {
      HostDouble.write(granted, "CONNECT 77\n");
      hostPort = guest.expect("REQUEST").hostPort();
      guest.send(RESPONSE, 77, hostPort);
      assertEquals("OK " + hostPort, HostDouble.read(granted, 3 + 10));
    }
    Packet packet;
    do { // the end of the line is unread, which is a bad end
      packet = guest.receive();
    } while (packet.op() != RST);
  }
}
