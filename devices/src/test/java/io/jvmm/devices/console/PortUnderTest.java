package io.jvmm.devices.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A console with one port at a socket: what its driver does, and the program at the socket. */
final class PortUnderTest {
  static final long DATA = DeviceUnderTest.DATA;
  static final int RX = 4;
  static final int TX = 5;
  static final int CONTROL_RX = 2;
  static final int CONTROL_TX = 3;
  static final int OPEN = ControlQueue.VIRTIO_CONSOLE_PORT_OPEN;

  static final long CONTROL = 0x80000;

  private PortUnderTest() {}

  static DeviceUnderTest console(Path path) {
    NamedPort port = new NamedPort("org.example.0", SocketEnd.listen(path.toString()));
    return new DeviceUnderTest(loop -> new Console(List.of(port), loop)).start();
  }

  static SocketChannel client(Path path) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(path));
    return channel;
  }

  static void send(DeviceUnderTest test, int id, int event, int value) {
    test.memory.setInt(CONTROL, id);
    test.memory.setShort(CONTROL + 4, (short) event);
    test.memory.setShort(CONTROL + 6, (short) value);
    test.queue(CONTROL_TX).chain().read(CONTROL, 8).submit();
    test.exchange(CONTROL_TX);
  }

  /** The next control message: "id event value", and a name where there is one. */
  static String receive(DeviceUnderTest test) {
    test.queue(CONTROL_RX).chain().write(CONTROL + 64, 128).submit();
    test.exchange(CONTROL_RX);
    int length = (int) test.queue(CONTROL_RX).reapedLength();
    String message =
        test.memory.getInt(CONTROL + 64)
            + " "
            + test.memory.getShort(CONTROL + 68)
            + " "
            + test.memory.getShort(CONTROL + 70);
    return length == 8 ? message : message + " " + text(test, CONTROL + 72, length - 8);
  }

  static String text(DeviceUnderTest test, long gpa, int length) {
    byte[] bytes = new byte[length];
    test.memory.read(gpa, bytes, 0, length);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  /** As Linux does it, up to a program in the guest that has opened the port. */
  static void open(DeviceUnderTest test) {
    send(test, 0xffff_ffff, ControlQueue.VIRTIO_CONSOLE_DEVICE_READY, 1);
    assertEquals("1 1 1", receive(test));
    send(test, 1, ControlQueue.VIRTIO_CONSOLE_PORT_READY, 1);
    assertEquals("1 7 1 org.example.0", receive(test));
    assertTrue(receive(test).startsWith("1 6 "));
    send(test, 1, OPEN, 1);
  }

  static String read(SocketChannel from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && from.read(bytes) >= 0) {
      // goes on
    }
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
  }

  static void write(SocketChannel to, String text) throws IOException {
    to.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }
}
