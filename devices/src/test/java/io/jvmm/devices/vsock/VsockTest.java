package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.BOTH;
import static io.jvmm.devices.vsock.GuestDouble.CID;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_UPDATE;
import static io.jvmm.devices.vsock.GuestDouble.RCV;
import static io.jvmm.devices.vsock.GuestDouble.REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.RESPONSE;
import static io.jvmm.devices.vsock.GuestDouble.RST;
import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.SEND;
import static io.jvmm.devices.vsock.GuestDouble.SHUTDOWN;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest's driver, the device, and the host's programs at Unix sockets. */
class VsockTest {
  private static final int PORT = 5000;
  private static final int GUEST = 1024;

  private final HostDouble host;
  private final GuestDouble guest;

  VsockTest(@TempDir Path folder) {
    host = new HostDouble(folder.resolve("v.sock"));
    guest = new GuestDouble(() -> VsockPlaces.unix(host.path().toString()));
  }

  @AfterEach
  void end() throws IOException {
    guest.close();
    host.close();
    assertFalse(Files.exists(host.path()), "the socket's file is gone");
  }

  private void data(String text) {
    data(text.getBytes(StandardCharsets.US_ASCII), 0);
  }

  private void data(byte[] bytes, int fwdCnt) {
    guest.send(STREAM, RW, GUEST, PORT, 0, GuestDouble.ROOM, fwdCnt, bytes);
  }

  private long counter(String name) {
    return guest.test.counter(name);
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
    assertEquals(256 * 1024, response.bufAlloc());
    try (SocketChannel peer = host.accept(PORT)) {
      data("from the guest");
      assertEquals("from the guest", HostDouble.read(peer, 14));
      HostDouble.write(peer, "from the host");
      Packet packet = guest.expect("RW 13");
      assertEquals("from the host", new String(packet.data(), StandardCharsets.US_ASCII));
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
  void aClientReachesThePortThatItAsksFor() throws IOException {
    try (SocketChannel client = host.client()) {
      HostDouble.write(client, "CONNECT 77\nearly words");
      Packet request = guest.expect("REQUEST");
      assertEquals(77, request.guestPort());
      assertEquals(1 << 30, request.hostPort());
      guest.send(RESPONSE, 77, 1 << 30);
      assertEquals("OK 1073741824\n", HostDouble.read(client, 14));
      Packet early = guest.expect("RW 11");
      assertEquals("early words", new String(early.data(), StandardCharsets.US_ASCII));
      guest.send(STREAM, RW, 77, 1 << 30, 0, GuestDouble.ROOM, 11, new byte[] {'h', 'i'});
      assertEquals("hi", HostDouble.read(client, 2));
    }
    guest.expect("SHUTDOWN 3");
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
      guest.expect("SHUTDOWN 3"); // neither side sends any more
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
        data(piece, 0);
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
        data(piece, 0);
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
    guest.expect("SHUTDOWN 3");
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
    guest.expect("SHUTDOWN 3");
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
    guest.expect("SHUTDOWN 3");
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

  @Test
  void aSlowReaderMakesTheGuestWaitAndHoldsUpNobodyElse() throws IOException {
    host.listen(PORT);
    host.listen(PORT + 1);
    guest.connect(GUEST, PORT);
    guest.connect(GUEST, PORT + 1);
    byte[] piece = new byte[64 * 1024];
    new Random(6).nextBytes(piece);
    try (SocketChannel slow = host.accept(PORT);
        SocketChannel quick = host.accept(PORT + 1)) {
      int sent = 0;
      int forwarded = 0;
      while (sent - forwarded + piece.length <= 256 * 1024) {
        data(piece, 0);
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

  @Test
  void aGuestGetsNoMoreThanItHasRoomFor() throws IOException {
    host.listen(PORT);
    guest.send(STREAM, REQUEST, GUEST, PORT, 0, 10, 0, new byte[0]);
    guest.expect("RESPONSE");
    try (SocketChannel peer = host.accept(PORT)) {
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

  private static String text(Packet packet) {
    return new String(packet.data(), StandardCharsets.US_ASCII);
  }

  @Test
  void aGuestThatAsksForItsCreditIsTold() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
      data("four");
      guest.send(CREDIT_REQUEST, GUEST, PORT);
      assertEquals(4, guest.expect("CREDIT_UPDATE").fwdCnt());
      assertEquals("four", HostDouble.read(peer, 4));
    }
  }

  @Test
  void aGuestThatSendsMoreThanThereIsRoomForIsReset() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    byte[] piece = new byte[64 * 1024];
    try (SocketChannel peer = host.accept(PORT)) {
      while (counter("credit.violations") == 0) {
        data(piece, 0);
      }
      Packet packet;
      do {
        packet = guest.receive();
      } while (packet.op() != RST);
      HostDouble.readAll(peer);
    }
    assertEquals(1, counter("connections.reset"));
    assertEquals(0, counter("connections.open"));
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
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
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
      guest.connect(GUEST, PORT);
      try (SocketChannel peer = host.accept(PORT)) {
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
    guest.startWithoutBuffers();
    host.listen(PORT);
    guest.send(REQUEST, GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT)) {
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
  void aResetEndsAllConnectionsAndTheNextDriverFindsNone() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT);
    try (SocketChannel peer = host.accept(PORT);
        SocketChannel client = host.client()) {
      HostDouble.write(client, "CONNECT 77\n");
      guest.expect("REQUEST");
      guest.start();
      assertEquals("", HostDouble.read(peer, 1));
      assertEquals("", HostDouble.read(client, 1));
      assertEquals(0, counter("connections.open"));
      guest.connect(GUEST, PORT);
      try (SocketChannel next = host.accept(PORT)) {
        data("anew");
        assertEquals("anew", HostDouble.read(next, 4));
      }
    }
  }

  @Test
  void aTableThatIsFullRefusesBothSides() throws IOException {
    host.listenInBackground(PORT);
    for (int i = 0; i < Mux.CONNECTIONS_MAX; i++) {
      Packet packet;
      do { // the host accepts no faster than it can
        guest.send(REQUEST, i, PORT);
        packet = guest.receive();
        assertEquals(i, packet.guestPort());
      } while (packet.op() == RST);
    }
    guest.send(REQUEST, 10_000, PORT);
    guest.expect("RST");
    try (SocketChannel client = host.client()) {
      HostDouble.write(client, "CONNECT 77\n");
      assertEquals("", HostDouble.read(client, 1));
    }
    assertEquals(Mux.CONNECTIONS_MAX, counter("connections.open"));
    guest.send(RST, 0, PORT);
    guest.connect(10_000, PORT);
  }

  @Test
  void tenThousandConnectionsInARowLeaveNoDescriptor() throws IOException {
    host.listen(PORT);
    guest.connect(GUEST, PORT); // whatever is loaded once is loaded now
    host.accept(PORT).close();
    guest.expect("SHUTDOWN 3");
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
        guest.expect("SHUTDOWN 3");
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

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }

  @Test
  void onlyOneDeviceHasAPath() {
    assertThrows(RuntimeException.class, () -> VsockPlaces.unix(host.path().toString()));
  }
}
