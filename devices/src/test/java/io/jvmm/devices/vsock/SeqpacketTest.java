package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.BOTH;
import static io.jvmm.devices.vsock.GuestDouble.CREDIT_UPDATE;
import static io.jvmm.devices.vsock.GuestDouble.REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.RESPONSE;
import static io.jvmm.devices.vsock.GuestDouble.ROOM;
import static io.jvmm.devices.vsock.GuestDouble.RST;
import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.SEND;
import static io.jvmm.devices.vsock.GuestDouble.SEQPACKET;
import static io.jvmm.devices.vsock.GuestDouble.SHUTDOWN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import io.jvmm.host.CallState;
import io.jvmm.host.socket.ListeningSocket;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.Features;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages, which keep their bounds both ways. */
class SeqpacketTest {
  private static final int PORT = 6000;
  private static final int GUEST = 1025;
  private static final int EOM = 1;

  private final Path path;
  private final GuestDouble guest;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(1 << 17);

  SeqpacketTest(@TempDir Path folder) {
    path = folder.resolve("v.sock");
    guest = new GuestDouble(() -> VsockPlaces.unix(path.toString()));
  }

  @AfterEach
  void end() {
    guest.close();
    arena.close();
  }

  private ListeningSocket listen() {
    return ListeningSocket.listenForOwnersMessages(
        SocketAddress.unix(path + "_" + PORT), 8, "test");
  }

  private Socket connect(ListeningSocket server) {
    guest.send(SEQPACKET, REQUEST, GUEST, PORT, 0, ROOM, 0, new byte[0]);
    guest.expect("RESPONSE");
    Socket peer = server.accept("peer");
    assertNotNull(peer);
    return peer;
  }

  private void data(byte[] bytes, int flags) {
    guest.send(SEQPACKET, RW, GUEST, PORT, flags, ROOM, 0, bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private byte[] receive(Socket from) {
    CallState state = CallState.current();
    assertTrue(from.awaitReadable(state, 60_000));
    try (IovecArray vector = new IovecArray(1)) {
      vector.add(buffer.address(), buffer.byteSize());
      long n = from.tryReceiveMessage(state, vector.address(), 1);
      assertTrue(n >= 0, () -> "errno " + -n);
      return buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private void send(Socket to, byte[] message) {
    MemorySegment.copy(message, 0, buffer, ValueLayout.JAVA_BYTE, 0, message.length);
    assertEquals(message.length, to.trySend(CallState.current(), buffer.address(), message.length));
  }

  @Test
  void aGuestsMessageIsOneWhateverPacketsItComesIn() {
    try (ListeningSocket server = listen();
        Socket peer = connect(server)) {
      data(bytes("one"), EOM);
      data(bytes("tw"), 0);
      data(bytes("o"), EOM);
      assertArrayEquals(bytes("one"), receive(peer));
      assertArrayEquals(bytes("two"), receive(peer));
    }
  }

  @Test
  void aHostsMessageIsOneHoweverManyBuffersItTakes() {
    byte[] message = new byte[Outflow.MESSAGE_MAX];
    new Random(1).nextBytes(message);
    try (ListeningSocket server = listen();
        Socket peer = connect(server)) {
      send(peer, bytes("small"));
      send(peer, message);
      send(peer, bytes("next"));
      Packet small = guest.expect("RW 5");
      assertEquals(EOM, small.flags());
      assertArrayEquals(message, receiveMessage());
      assertArrayEquals(bytes("next"), receiveMessage());
    }
  }

  private byte[] receiveMessage() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    Packet packet;
    do {
      packet = guest.receive();
      assertTrue(packet.op() == RW || packet.op() == CREDIT_UPDATE, packet.name());
      whole.writeBytes(packet.data());
    } while ((packet.flags() & EOM) == 0);
    return whole.toByteArray();
  }

  @Test
  void messagesWaitForASlowReaderAndNoBoundIsLost() {
    Random random = new Random(2);
    byte[][] messages = new byte[400][];
    try (ListeningSocket server = listen();
        Socket peer = connect(server)) {
      int sent = 0;
      int told = 0;
      int read = 0;
      for (int i = 0; i < messages.length; i++) {
        messages[i] = new byte[1 + random.nextInt(8000)];
        random.nextBytes(messages[i]);
        while (sent - told + messages[i].length > 64 * 1024) {
          Packet packet = guest.poll();
          if (packet != null) {
            told = packet.fwdCnt();
          } else {
            assertArrayEquals(messages[read++], receive(peer));
            guest.ringBuffers();
            guest.test.settle();
          }
        }
        int half = random.nextInt(messages[i].length);
        byte[] first = new byte[half];
        byte[] second = new byte[messages[i].length - half];
        System.arraycopy(messages[i], 0, first, 0, half);
        System.arraycopy(messages[i], half, second, 0, second.length);
        data(first, 0);
        data(second, EOM);
        sent += messages[i].length;
      }
      while (read < messages.length) {
        assertArrayEquals(messages[read++], receive(peer));
      }
    }
    assertEquals(0, guest.test.counter("credit.violations"));
  }

  @Test
  void aClientOfMessagesReachesTheGuest() {
    try (Socket client =
        Socket.connectMessages(SocketAddress.unix(path + "_seqpacket"), "client")) {
      send(client, bytes("CONNECT 9\n"));
      Packet request = guest.expect("REQUEST");
      assertEquals(SEQPACKET, request.type());
      guest.send(SEQPACKET, RESPONSE, 9, request.hostPort(), 0, ROOM, 0, new byte[0]);
      assertArrayEquals(bytes("OK " + request.hostPort() + "\n"), receive(client));
      send(client, bytes("hello"));
      assertArrayEquals(bytes("hello"), receiveMessage());
    }
  }

  @Test
  void aGreetingIsAMessageOfItsOwn() {
    try (Socket client =
        Socket.connectMessages(SocketAddress.unix(path + "_seqpacket"), "client")) {
      send(client, bytes("CONNECT 9\nlost"));
      assertTrue(client.awaitReadable(CallState.current(), 60_000), "it was closed");
      assertEquals(1, guest.test.counter("bad.greetings"));
      guest.expectSilence();
    }
  }

  @Test
  void aMessageThatTheGuestCouldNeverHaveEndsTheConnection() {
    try (ListeningSocket server = listen();
        Socket peer = connect(server)) {
      send(peer, new byte[Outflow.MESSAGE_MAX + 1]);
      guest.expect("RST");
    }
    try (ListeningSocket server =
        ListeningSocket.listenForOwnersMessages(SocketAddress.unix(path + "_7"), 8, "test")) {
      guest.send(SEQPACKET, REQUEST, GUEST, 7, 0, 100, 0, new byte[0]);
      guest.expect("RESPONSE");
      try (Socket peer = server.accept("peer")) {
        assertNotNull(peer);
        send(peer, new byte[101]);
        guest.expect("RST");
      }
    }
  }

  @Test
  void aMessageWithoutItsEndIsNoOrderlyClose() {
    try (ListeningSocket server = listen();
        Socket peer = connect(server)) {
      data(bytes("half"), 0);
      guest.send(SEQPACKET, SHUTDOWN, GUEST, PORT, BOTH, ROOM, 0, new byte[0]);
      guest.expect("RST");
      assertEquals(0, receive(peer).length);
    }
    assertEquals(1, guest.test.counter("connections.reset"));
  }

  @Test
  void theLastMessageReachesTheHostBeforeTheEnd() {
    try (ListeningSocket server = listen();
        Socket peer = connect(server)) {
      data(bytes("last"), EOM);
      guest.send(SEQPACKET, SHUTDOWN, GUEST, PORT, SEND, ROOM, 0, new byte[0]);
      assertArrayEquals(bytes("last"), receive(peer));
      assertEquals(0, receive(peer).length);
      send(peer, bytes("answer"));
      assertArrayEquals(bytes("answer"), receiveMessage());
    }
  }

  @Test
  void emptyMessagesWithoutEndAreNotPiledUp() {
    try (ListeningSocket server = listen();
        Socket peer = connect(server)) {
      byte[] message = new byte[2048];
      int told = 0;
      for (int sent = 0; sent - told + message.length <= 64 * 1024; sent += message.length) {
        data(message, EOM); // until the socket takes no more
        guest.ringBuffers();
        guest.test.settle();
        Packet packet;
        while ((packet = guest.poll()) != null) {
          told = packet.fwdCnt();
        }
      }
      for (int i = 0; i <= MessageLengths.MAX; i++) {
        data(new byte[0], EOM);
      }
      Packet packet;
      do {
        packet = guest.receive();
      } while (packet.op() == CREDIT_UPDATE);
      assertEquals(RST, packet.op());
      assertTrue(peer.awaitReadable(CallState.current(), 60_000));
    }
  }

  @Test
  void withoutTheFeatureThereAreNoMessages() {
    guest.test.start(
        guest.device.deviceFeatures() & ~Features.SPLIT_RING & ~Vsock.VIRTIO_VSOCK_F_SEQPACKET);
    guest.postBuffers(10);
    try (ListeningSocket server = listen()) {
      guest.send(SEQPACKET, REQUEST, GUEST, PORT, 0, ROOM, 0, new byte[0]);
      Packet refusal = guest.expect("RST");
      assertEquals(SEQPACKET, refusal.type());
      assertEquals(1, guest.test.counter("malformed"));
      assertTrue(server.fd().number() > 0);
    }
  }

  @Test
  void aSocketOfStreamsIsNoneOfMessages() {
    try (ListeningSocket server =
        ListeningSocket.listenForOwner(SocketAddress.unix(path + "_8"), 8, "test")) {
      guest.send(SEQPACKET, REQUEST, GUEST, 8, 0, ROOM, 0, new byte[0]);
      guest.expect("RST");
      assertTrue(server.fd().number() > 0);
    }
  }
}
