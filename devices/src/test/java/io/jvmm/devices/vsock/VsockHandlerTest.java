package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.BOTH;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_UPDATE;
import static io.jvmm.devices.vsock.GuestDouble.RESPONSE;
import static io.jvmm.devices.vsock.GuestDouble.ROOM;
import static io.jvmm.devices.vsock.GuestDouble.RST;
import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.SEND;
import static io.jvmm.devices.vsock.GuestDouble.SEQPACKET;
import static io.jvmm.devices.vsock.GuestDouble.SHUTDOWN;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Handlers in this JVM at the host's end. */
class VsockHandlerTest {
  private static final int PORT = 80;
  private static final int GUEST = 1026;

  private final GuestDouble guest = new GuestDouble(VsockPlaces::none);
  private final VsockPorts ports = guest.device.ports();

  @AfterEach
  void end() {
    guest.close();
  }

  private void data(String text) {
    guest.send(STREAM, RW, GUEST, PORT, 0, ROOM, 0, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static ByteBuf text(VsockConnection to, String text) {
    ByteBuf data = to.allocator().buffer();
    data.writeCharSequence(text, StandardCharsets.US_ASCII);
    return data;
  }

  private static String text(Packet packet) {
    return new String(packet.data(), StandardCharsets.US_ASCII);
  }

  @Test
  void aGuestReachesTheHandlerOfAPort() {
    HandlerRecorder handler = new HandlerRecorder();
    ports.listen(PORT, handler);
    guest.connect(GUEST, PORT);
    data("hello");
    guest.test.settle();
    VsockConnection connection = handler.connection();
    assertTrue(connection.tryWrite(text(connection, "hi ")));
    assertTrue(connection.tryWrite(text(connection, "there")));
    StringBuilder got = new StringBuilder();
    while (got.length() < 8) {
      got.append(text(guest.receive()));
    }
    assertEquals("hi there", got.toString());
    guest.send(SHUTDOWN, GUEST, PORT, SEND);
    guest.test.settle();
    connection.close();
    guest.expect("SHUTDOWN 3");
    guest.test.settle();
    assertEquals(List.of("opened 1026", "hello", "ended", "closed"), handler.heard);
    assertFalse(connection.tryWrite(text(connection, "late")));
  }

  @Test
  void aPortWithoutAHandlerIsRefusedAndSoIsOneWhoseHandlerIsGone() {
    HandlerRecorder handler = new HandlerRecorder();
    ports.listen(PORT, handler);
    assertThrows(IllegalStateException.class, () -> ports.listen(PORT, handler));
    ports.ignore(PORT);
    guest.send(GuestDouble.REQUEST, GUEST, PORT);
    guest.expect("RST");
    assertThrows(IllegalArgumentException.class, () -> ports.listen(-1, handler));
    assertThrows(IllegalArgumentException.class, () -> ports.listen(0xffff_ffffL, handler));
  }

  @Test
  void aHandlerReachesThePortOfTheGuest() {
    HandlerRecorder handler = new HandlerRecorder();
    VsockConnection connection = ports.connect(9, handler);
    Packet request = guest.expect("REQUEST");
    assertTrue(connection.tryWrite(text(connection, "before it is open")));
    guest.send(RESPONSE, 9, request.hostPort());
    assertEquals("before it is open", text(guest.expect("RW 17")));
    guest.send(SHUTDOWN, 9, request.hostPort(), BOTH);
    guest.expect("RST");
    guest.test.settle();
    assertEquals(List.of("opened 9", "closed"), handler.heard);
  }

  @Test
  void aRefusalIsHeard() {
    HandlerRecorder handler = new HandlerRecorder();
    ports.connect(9, handler);
    Packet request = guest.expect("REQUEST");
    guest.send(RST, 9, request.hostPort());
    guest.test.settle();
    guest.test.driver.reset();
    ports.connect(9, handler);
    guest.test.settle();
    assertEquals(List.of("reset", "reset"), handler.heard);
  }

  @Test
  void aHandlerThatPausesMakesTheGuestWait() {
    HandlerRecorder handler =
        new HandlerRecorder() {
          @Override
          public void received(VsockConnection from, ByteBuf data) {
            super.received(from, data);
            from.pause();
          }
        };
    ports.listen(PORT, handler);
    guest.connect(GUEST, PORT);
    data("one");
    data("two");
    data("three");
    guest.test.settle();
    assertEquals(List.of("opened 1026", "one"), handler.heard);
    guest.send(GuestDouble.CREDIT_REQUEST, GUEST, PORT);
    assertEquals(3, guest.expect("CREDIT_UPDATE").fwdCnt(), "room is for what was received");
    handler.connection().resume();
    guest.test.settle();
    assertEquals(List.of("opened 1026", "one", "twothree"), handler.heard);
    guest.send(GuestDouble.CREDIT_REQUEST, GUEST, PORT);
    assertEquals(11, guest.expect("CREDIT_UPDATE").fwdCnt());
  }

  @Test
  void aGuestThatReadsNothingMakesTheHandlerWait() {
    HandlerRecorder handler = new HandlerRecorder();
    ports.listen(PORT, handler);
    guest.send(STREAM, GuestDouble.REQUEST, GUEST, PORT, 0, 5, 0, new byte[0]);
    guest.expect("RESPONSE");
    guest.test.settle();
    VsockConnection connection = handler.connection();
    int written = 0;
    ByteBuf piece = text(connection, "x".repeat(10_000));
    while (connection.tryWrite(piece)) {
      written += 10_000;
      piece = text(connection, "x".repeat(10_000));
    }
    piece.release();
    assertTrue(written <= VsockConnection.WRITE_BUFFER_BYTES);
    int got = 0;
    while (got < written) {
      Packet packet = guest.receive();
      got += packet.data().length;
      guest.send(STREAM, CREDIT_UPDATE, GUEST, PORT, 0, 10_000, got, new byte[0]);
    }
    guest.test.settle();
    assertTrue(handler.heard.contains("writable"));
  }

  @Test
  void messagesAreMessages() {
    HandlerRecorder handler = new HandlerRecorder();
    ports.listen(PORT, handler);
    guest.send(SEQPACKET, GuestDouble.REQUEST, GUEST, PORT, 0, ROOM, 0, new byte[0]);
    guest.expect("RESPONSE");
    guest.send(SEQPACKET, RW, GUEST, PORT, 0, ROOM, 0, new byte[] {'a'});
    guest.send(SEQPACKET, RW, GUEST, PORT, 1, ROOM, 0, new byte[] {'b'});
    guest.test.settle();
    assertEquals(List.of("opened 1026", "ab"), handler.heard);
    VsockConnection connection = handler.connection();
    connection.tryWrite(text(connection, "one"));
    connection.tryWrite(text(connection, "two"));
    Packet packet;
    do {
      packet = guest.receive();
    } while (packet.op() == CREDIT_UPDATE);
    assertEquals("one", text(packet));
    assertEquals(1, packet.flags());
    assertEquals("two", text(guest.expect("RW 3")));
  }

  @Test
  void whatAHandlerThrowsEndsItsConnectionAlone() {
    ports.listen(
        PORT,
        (connection, data) -> {
          data.release();
          throw new IllegalStateException("a handler's trouble");
        });
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    List<String> told = new CopyOnWriteArrayList<>();
    Thread.setDefaultUncaughtExceptionHandler((thread, trouble) -> told.add(trouble.getMessage()));
    try {
      guest.connect(GUEST, PORT);
      data("x");
      Packet packet;
      do {
        packet = guest.receive();
      } while (packet.op() == SHUTDOWN);
      assertEquals("RST", packet.name());
      guest.test.settle();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertEquals(List.of("a handler's trouble"), told);
    assertEquals(List.of(), guest.test.failures, "the machine would end");
    guest.connect(GUEST + 1, PORT);
  }
}
