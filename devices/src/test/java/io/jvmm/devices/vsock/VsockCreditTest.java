package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.CREDIT_REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_UPDATE;
import static io.jvmm.devices.vsock.GuestDouble.REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much either side sends to one that does not read. */
class VsockCreditTest extends VsockSockets {
  VsockCreditTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void aSlowReaderMakesTheGuestWaitAndHoldsUpNobodyElse() throws IOException {
    host.listen(PORT);
    host.listen(PORT + 1);
    guest.connect(GUEST, PORT);
    guest.connect(GUEST, PORT + 1);
    byte[] piece = new byte[PIECE];
    new Random(6).nextBytes(piece);
    try (SocketChannel slow = host.accept(PORT);
        SocketChannel quick = host.accept(PORT + 1)) {
      int sent = 0;
      int forwarded = 0;
      while (sent - forwarded + piece.length <= DEVICE_ROOM) {
        data(piece);
        sent += piece.length;
        Packet packet;
        while ((packet = guest.poll()) != null) {
          forwarded = packet.fwdCnt();
        }
        guest.ringBuffers();
        guest.test.settle();
      }
      assertTrue(sent < 1 << 20, "the device has taken " + sent + " bytes for nobody");
      guest.send(STREAM, RW, GUEST, PORT + 1, 0, GuestDouble.ROOM, 0, new byte[] {'q'});
      assertEquals("q", HostDouble.read(quick, 1));
      for (int got = 0; got < sent; got += piece.length) {
        assertArrayEquals(piece, HostDouble.readBytes(slow, piece.length));
      }
      int told = forwarded;
      while (told < sent - 128 * 1024) {
        told = guest.expect("CREDIT_UPDATE").fwdCnt();
      }
    }
  }

  private SocketChannel connectedWithRoom(int bytes) throws IOException {
    host.listen(PORT);
    guest.send(STREAM, REQUEST, GUEST, PORT, 0, bytes, 0, new byte[0]);
    guest.expect("RESPONSE");
    return host.accept(PORT);
  }

  @Test
  void aGuestGetsNoMoreThanItHasRoomFor() throws IOException {
    try (SocketChannel peer = connectedWithRoom(10)) {
      HostDouble.write(peer, "0123456789abcdefghij");
      assertEquals("0123456789", text(guest.expect("RW 10")));
      guest.expect("CREDIT_REQUEST");
      guest.expectSilence();
      guest.send(STREAM, CREDIT_UPDATE, GUEST, PORT, 0, 10, 4, new byte[0]);
      assertEquals("abcd", text(guest.expect("RW 4")));
      guest.expect("CREDIT_REQUEST");
      guest.send(STREAM, CREDIT_UPDATE, GUEST, PORT, 0, 10, 14, new byte[0]);
      assertEquals("efghij", text(guest.expect("RW 6")));
      guest.expectSilence();
    }
  }

  @Test
  void aGuestWithoutAnyRoomIsAskedForSome() throws IOException {
    try (SocketChannel peer = connectedWithRoom(0)) {
      HostDouble.write(peer, "data");
      guest.expect("CREDIT_REQUEST");
      assertEquals(0, counter("malformed"));
      guest.send(STREAM, CREDIT_UPDATE, GUEST, PORT, 0, 10, 0, new byte[0]);
      assertEquals("data", text(guest.expect("RW 4")));
    }
  }

  @Test
  void aGuestThatAsksForItsCreditIsTold() throws IOException {
    try (SocketChannel peer = connected()) {
      data("four");
      guest.send(CREDIT_REQUEST, GUEST, PORT);
      assertEquals(4, guest.expect("CREDIT_UPDATE").fwdCnt());
      assertEquals("four", HostDouble.read(peer, 4));
    }
  }
}
