package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.BOTH;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_UPDATE;
import static io.jvmm.devices.vsock.GuestDouble.REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.RESPONSE;
import static io.jvmm.devices.vsock.GuestDouble.ROOM;
import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.SEND;
import static io.jvmm.devices.vsock.GuestDouble.SEQPACKET;
import static io.jvmm.devices.vsock.GuestDouble.SHUTDOWN;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a handler hears what, however guest and handler hurry. */
class VsockHandlerOrderTest {
  private static final int PORT = 80;
  private static final int GUEST = 1026;

  private final GuestDouble guest = new GuestDouble(VsockPlaces::none);
  private final VsockPorts ports = guest.device.ports();
  private final HandlerRecorder handler = new HandlerRecorder();

  @AfterEach
  void end() {
    guest.close();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  @Test
  void aConnectionIsOpenBeforeAnythingIsReceived() {
    ports.listen(PORT, handler);
    guest.connectAndSend(GUEST, PORT, new byte[] {'x'});
    guest.test.settle();
    assertEquals(List.of("opened 1026", "x"), handler.heard);
  }

  @Test
  void theEndOfTheInputIsHeardOnce() {
    ports.listen(PORT, handler);
    guest.connect(GUEST, PORT);
    guest.send(SHUTDOWN, GUEST, PORT, SEND);
    guest.send(SHUTDOWN, GUEST, PORT, SEND);
    guest.test.settle();
    handler.connection().resume();
    guest.test.settle();
    assertEquals(List.of("opened 1026", "ended"), handler.heard);
  }

  @Test
  void whatIsWrittenBeforeTheDeviceHasLookedKeepsNothingBack() throws InterruptedException {
    CountDownLatch written = new CountDownLatch(1);
    guest.test.loop.execute(() -> await(written));
    VsockConnection connection = ports.connect(9, handler);
    assertTrue(connection.tryWrite(bytes("first")));
    written.countDown();
    Packet request = guest.expect("REQUEST");
    guest.send(RESPONSE, 9, request.hostPort());
    guest.expect("RW 5");
    guest.expectSilence();
    assertTrue(connection.tryWrite(bytes("second")));
    guest.test.settle();
    Packet second = guest.poll();
    assertEquals("RW 6", second == null ? null : second.name());
  }

  @Test
  void aResetBeforeTheDeviceHasLookedIsOne() {
    CountDownLatch reset = new CountDownLatch(1);
    guest.test.loop.execute(() -> await(reset));
    VsockConnection connection = ports.connect(9, handler);
    connection.reset();
    reset.countDown();
    guest.expect("RST");
    assertEquals(List.of("reset"), handler.heard);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anEmptyBufferIsNotTheEnd() {
    ports.listen(PORT, handler);
    guest.connect(GUEST, PORT);
    guest.test.settle();
    assertTrue(handler.connection().tryWrite(Unpooled.buffer(0)));
    guest.expectSilence();
    assertTrue(handler.connection().tryWrite(bytes("more")));
    guest.expect("RW 4");
  }

  @Test
  void aPausedHandlerMayCloseOrResetWhatTheGuestHasClosed() {
    ports.listen(PORT, handler);
    for (int round = 0; round < 2; round++) {
      handler.heard.clear();
      guest.connect(GUEST, PORT);
      guest.test.settle();
      handler.connection().pause();
      guest.send(STREAM, RW, GUEST, PORT, 0, ROOM, 0, new byte[] {'x'});
      guest.send(SHUTDOWN, GUEST, PORT, BOTH);
      guest.expect("RST");
      assertEquals(1, guest.test.counter("connections.open"));
      if (round == 0) {
        handler.connection().close();
      } else {
        handler.connection().reset();
      }
      guest.test.settle();
      assertEquals(0, guest.test.counter("connections.open"));
      assertEquals(List.of("opened 1026", round == 0 ? "closed" : "reset"), handler.heard);
    }
  }

  @Test
  void messagesThatHaveWaitedLeaveOthersTheirTurn() {
    int messages = 2000;
    ports.listen(PORT, handler);
    HandlerRecorder other = new HandlerRecorder();
    ports.listen(PORT + 1, other);
    for (int port = PORT; port <= PORT + 1; port++) {
      guest.send(SEQPACKET, REQUEST, GUEST, port, 0, ROOM, 0, new byte[0]);
      guest.expect("RESPONSE");
    }
    guest.test.settle();
    handler.connection().pause();
    other.connection().pause();
    for (int i = 0; i < messages; i++) {
      for (int port = PORT; port <= PORT + 1; port++) {
        guest.send(SEQPACKET, RW, GUEST, port, 1, ROOM, 0, new byte[0]);
      }
    }
    AtomicInteger heardByThen = new AtomicInteger();
    guest.test.loop.execute(
        () -> {
          handler.connection().resume();
          other.connection().resume();
          guest.test.loop.execute(() -> heardByThen.set(handler.heard.size()));
        });
    while (handler.heard.size() <= messages || other.heard.size() <= messages) {
      int before = handler.heard.size() + other.heard.size();
      guest.test.settle();
      assertTrue(handler.heard.size() + other.heard.size() > before, "they wait for ever");
    }
    assertTrue(heardByThen.get() < messages, () -> heardByThen + " messages in one go");
    guest.send(SEQPACKET, CREDIT_UPDATE, GUEST, PORT, 0, ROOM, 0, new byte[0]);
    assertEquals(List.of(), guest.test.failures);
  }
}
