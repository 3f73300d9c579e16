package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.REQUEST;
import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;

/** What tests of the whole way have: a guest's driver, the device, the host's programs. */
abstract class VsockSockets {
  static final int PORT = 5000;
  static final int GUEST = 1024;

  /** The room that the device announces for a stream. */
  static final int DEVICE_ROOM = 256 * 1024;

  /** A packet's worth of data. */
  static final int PIECE = 64 * 1024;

  final HostDouble host;
  final GuestDouble guest;

  VsockSockets(Path folder) {
    host = new HostDouble(folder.resolve("v.sock"));
    guest = new GuestDouble(() -> VsockPlaces.unix(host.path().toString()));
  }

  @AfterEach
  void end() throws IOException {
    guest.close();
    host.close();
    assertFalse(Files.exists(host.path()), "the socket's file is gone");
  }

  /** Has the guest reach a program of the host; that one's end. */
  final SocketChannel connected() throws IOException {
    host.listen(PORT);
    return connectedAgain();
  }

  /** The same once more, with the same ports. */
  final SocketChannel connectedAgain() throws IOException {
    guest.connect(GUEST, PORT);
    return host.accept(PORT);
  }

  /** The same, but the guest has no room for any packet and so has not heard of it. */
  final SocketChannel connectedUnheard() throws IOException {
    guest.startWithoutBuffers();
    host.listen(PORT);
    guest.send(REQUEST, GUEST, PORT);
    return host.accept(PORT);
  }

  /** No connection is left, and none was reset. */
  final void expectOrderlyEnd() {
    expectEnd(0);
  }

  /** No connection is left, and one was reset. */
  final void expectReset() {
    expectEnd(1);
  }

  private void expectEnd(int resets) {
    assertEquals(0, counter("connections.open"), "open");
    assertEquals(resets, counter("connections.reset"), "reset");
  }

  /** Sends as many pieces as the device has room for where the host reads nothing. */
  final void fillRoom(byte[] piece) {
    for (int sent = 0; sent < DEVICE_ROOM; sent += piece.length) {
      data(piece);
    }
  }

  final void data(String text) {
    data(text.getBytes(StandardCharsets.US_ASCII));
  }

  final void data(byte[] bytes) {
    guest.send(STREAM, RW, GUEST, PORT, 0, GuestDouble.ROOM, 0, bytes);
  }

  static String text(Packet packet) {
    return new String(packet.data(), StandardCharsets.US_ASCII);
  }

  final long counter(String name) {
    return guest.test.counter(name);
  }

  /** How many this process has open. */
  static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
