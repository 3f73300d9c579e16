package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.GuestDouble.RW;
import static io.jvmm.devices.vsock.GuestDouble.STREAM;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.jvmm.devices.vsock.GuestDouble.Packet;
import java.io.IOException;
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
