package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.RESPONSE;
import static io.jvmm.devices.vsock.GuestDouble.ROOM;
import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.host.SyscallException;
import io.jvmm.host.socket.ListeningSocket;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ports that are bound to descriptors. */
class GivenDescriptorTest {
  @TempDir private Path folder;

  private static String receive(Socket from) {
    CallState state = CallState.current();
    assertTrue(from.awaitReadable(state, 60_000));
    long n = from.tryReceive(state, state.scratch().address(), 100);
    StringBuilder text = new StringBuilder();
    for (long i = 0; i < n; i++) {
      text.append((char) state.scratch().get(ValueLayout.JAVA_BYTE, i));
    }
    return text.toString();
  }

  private static GuestDouble guest(int port, int fd) {
    return new GuestDouble(
        () -> {
          VsockPlaces places = VsockPlaces.none();
          places.bind(port, fd);
          return places;
        });
  }

  @Test
  void aConnectedSocketIsTheGuestsOnce() {
    Socket[] pair = Socket.pair("test");
    try (Socket ours = pair[0];
        GuestDouble guest = guest(7, pair[1].fd().number())) {
      pair[1].close();
      guest.connect(1, 7);
      guest.send(STREAM, RW, 1, 7, 0, ROOM, 0, new byte[] {'h', 'i'});
      assertEquals("hi", receive(ours));
      guest.send(REQUEST, 2, 7);
      guest.expect("RST");
      guest.send(GuestDouble.RST, 1, 7);
      assertEquals("", receive(ours));
    }
  }

  @Test
  void whoConnectsToAListeningSocketReachesTheGuest() {
    SocketAddress address = SocketAddress.unix(folder.resolve("given").toString());
    ListeningSocket given = ListeningSocket.listen(address, 8, "given");
    try (GuestDouble guest = guest(9, given.fd().number())) {
      given.close();
      try (Socket client = Socket.connect(address, "client")) {
        Packet request = guest.expect("REQUEST");
        assertEquals(9, request.guestPort());
        guest.send(RESPONSE, 9, request.hostPort());
        guest.send(STREAM, RW, 9, request.hostPort(), 0, ROOM, 0, new byte[] {'y', 'o'});
        assertEquals("yo", receive(client), "without a word before");
      }
    }
  }

  @Test
  void whatIsNoSocketIsRefused() {
    try (EventFd event = EventFd.create("event");
        VsockPlaces places = VsockPlaces.none()) {
      int fd = event.fd().number();
      String told = assertThrows(SyscallException.class, () -> places.bind(1, fd)).toString();
      assertTrue(told.contains("ENOTSOCK"), told);
    }
  }
}
