package io.jvmm.devices.console;

import static io.jvmm.devices.console.PortUnderTest.CONTROL;
import static io.jvmm.devices.console.PortUnderTest.CONTROL_RX;
import static io.jvmm.devices.console.PortUnderTest.CONTROL_TX;
import static io.jvmm.devices.console.PortUnderTest.DATA;
import static io.jvmm.devices.console.PortUnderTest.OPEN;
import static io.jvmm.devices.console.PortUnderTest.RX;
import static io.jvmm.devices.console.PortUnderTest.TX;
import static io.jvmm.devices.console.PortUnderTest.open;
import static io.jvmm.devices.console.PortUnderTest.read;
import static io.jvmm.devices.console.PortUnderTest.receive;
import static io.jvmm.devices.console.PortUnderTest.send;
import static io.jvmm.devices.console.PortUnderTest.text;
import static io.jvmm.devices.console.PortUnderTest.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.file.OpenFile;
import io.jvmm.virtio.driver.HostileDriver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleTest {
  @TempDir private Path folder;

  private Path path() {
    return folder.resolve("port");
  }

  private DeviceUnderTest console() {
    return PortUnderTest.console(path());
  }

  private SocketChannel client() throws IOException {
    return PortUnderTest.client(path());
  }

  private static StreamEnd streamTo(Path path) {
    try (OpenFile file = OpenFile.create(path.toString())) {
      return StreamEnd.file(file, path.toString());
    }
  }

  @Test
  void aHostsEndThatCannotBeDetachedDoesNotHoldUpTheClose() {
    List<NamedPort> ports = List.of(new NamedPort("org.example.0", new StuckEnd()));
    try (IoLoop loop = IoLoop.start("test", (role, failure) -> {})) {
      assertTimeoutPreemptively(Duration.ofSeconds(30), new Console(ports, loop)::close);
    }
  }

  /** As one whose descriptor somebody else has closed. */
  private static final class StuckEnd implements HostEnd {
    @Override
    public void attach(IoLoop loop, Listener listener) {}

    @Override
    public boolean isConnected() {
      return true;
    }

    @Override
    public long tryRead(CallState state, long address, long length) {
      return -Errno.EAGAIN;
    }

    @Override
    public long tryWrite(CallState state, long address, long length) {
      return length;
    }

    @Override
    public void disconnect(CallState state) {}

    @Override
    public void detach() {
      throw new IllegalStateException("cannot be detached");
    }

    @Override
    public void close() {}
  }

  @Test
  void theDriverHearsOfThePortItsNameAndItsHost() throws IOException {
    try (DeviceUnderTest test = console()) {
      assertEquals(3, test.driver.get(0x008));
      assertEquals(2, test.driver.get(0x104), "ports, with the one that is not there");
      send(test, 0, ControlQueue.VIRTIO_CONSOLE_DEVICE_READY, 1);
      assertEquals("1 1 1", receive(test));
      send(test, 1, ControlQueue.VIRTIO_CONSOLE_PORT_READY, 1);
      assertEquals("1 7 1 org.example.0", receive(test));
      assertEquals("1 6 0", receive(test));
      try (SocketChannel client = client()) {
        assertEquals("1 6 1", receive(test));
        assertTrue(client.isConnected());
      }
      assertEquals("1 6 0", receive(test));
    }
    assertFalse(Files.exists(path()), "the socket's file is gone");
  }

  @Test
  void bytesGoBothWays() throws IOException {
    try (DeviceUnderTest test = console();
        SocketChannel client = client()) {
      open(test);
      test.memory.write(DATA, "from the guest".getBytes(StandardCharsets.US_ASCII));
      test.queue(TX).chain().read(DATA, 5).read(DATA + 5, 9).submit();
      test.exchange(TX);
      assertEquals("from the guest", read(client, 14));

      write(client, "from the host");
      test.queue(RX).chain().write(DATA, 5).write(DATA + 5, 100).submit();
      test.exchange(RX);
      assertEquals(13, test.queue(RX).reapedLength());
      assertEquals("from the host", text(test, DATA, 13));
      assertEquals(14, test.counter("port.org.example.0.written.bytes"));
      assertEquals(13, test.counter("port.org.example.0.read.bytes"));
    }
  }

  @Test
  void aGuestWaitsForAHostThatIsNotThere() throws IOException {
    try (DeviceUnderTest test = console()) {
      open(test);
      test.memory.write(DATA, "early".getBytes(StandardCharsets.US_ASCII));
      test.queue(TX).chain().read(DATA, 5).submit();
      test.ring(TX);
      test.settle();
      assertEquals(0, test.queue(TX).usedIdx());
      try (SocketChannel client = client()) {
        assertEquals("early", read(client, 5));
        test.awaitUsed(TX);
      }
    }
  }

  @Test
  void aGuestWaitsForAHostThatDoesNotReadAndNoByteIsLost() throws IOException {
    int chains = 40;
    int length = 100_000;
    try (DeviceUnderTest test = console();
        SocketChannel client = client()) {
      open(test);
      for (int i = 0; i < chains; i++) {
        test.memory.fill(DATA + (long) i * length, length, (byte) ('a' + i % 26));
        test.queue(TX).chain().read(DATA + (long) i * length, length).submit();
      }
      test.ring(TX);
      test.settle();
      assertTrue(test.queue(TX).usedIdx() < chains, "four megabytes are more than a socket holds");
      for (int i = 0; i < chains; i++) {
        assertEquals(String.valueOf((char) ('a' + i % 26)).repeat(length), read(client, length));
      }
      for (int i = 0; i < chains; i++) {
        test.awaitUsed(TX);
      }
    }
  }

  @Test
  void aHostWaitsForAGuestThatDoesNotRead() throws IOException {
    try (DeviceUnderTest test = console();
        SocketChannel client = client()) {
      write(client, "before the guest has opened it");
      open(test);
      client.configureBlocking(false);
      ByteBuffer block = ByteBuffer.allocate(1 << 16);
      int sent = 0;
      while (client.write(block.clear()) > 0) {
        sent += block.position();
      }
      assertTrue(sent < 16 << 20, "somebody has read " + sent + " bytes for a guest that does not");
      long received = 0;
      long expected = sent + 30L;
      while (received < expected) {
        test.queue(RX).chain().write(DATA, 4096).submit();
        test.exchange(RX);
        received += test.queue(RX).reapedLength();
      }
      assertEquals(expected, received);
    }
  }

  @Test
  void aResetForgetsTheGuestAndKeepsTheClient() throws IOException {
    try (DeviceUnderTest test = console();
        SocketChannel client = client()) {
      open(test);
      test.start();
      write(client, "hello");
      test.queue(RX).chain().write(DATA, 64).submit();
      test.ring(RX);
      test.settle();
      assertEquals(0, test.queue(RX).usedIdx(), "nobody has opened the port yet");
      open(test);
      test.awaitUsed(RX);
      assertEquals("hello", text(test, DATA, 5));
    }
  }

  @Test
  void messagesWithoutSenseAreCounted() {
    try (DeviceUnderTest test = console()) {
      send(test, 7, OPEN, 1);
      send(test, 0, OPEN, 1);
      send(test, 1, 99, 1);
      test.queue(CONTROL_TX).chain().read(CONTROL, 7).submit();
      test.exchange(CONTROL_TX);
      assertEquals(4, test.counter("control.ignored"));
    }
  }

  @Test
  void askingForEverythingAgainPilesNothingUp() {
    try (DeviceUnderTest test = console()) {
      for (int i = 0; i < 1000; i++) {
        send(test, 0, ControlQueue.VIRTIO_CONSOLE_DEVICE_READY, 1);
        send(test, 1, ControlQueue.VIRTIO_CONSOLE_PORT_READY, 1);
      }
      assertEquals("1 1 1", receive(test));
      assertEquals("1 7 1 org.example.0", receive(test));
      assertEquals("1 6 0", receive(test));
      test.queue(CONTROL_RX).chain().write(CONTROL, 128).submit();
      test.ring(CONTROL_RX);
      test.settle();
      assertEquals(3, test.queue(CONTROL_RX).usedIdx());
    }
  }

  @Test
  void aFileGetsTheGuestsWords() throws IOException {
    Path file = folder.resolve("log");
    NamedPort port = new NamedPort("org.example.0", streamTo(file));
    try (DeviceUnderTest test =
        new DeviceUnderTest(loop -> new Console(List.of(port), loop)).start()) {
      open(test);
      int length = PortTransmit.BYTES_PER_TURN * 3 + 5;
      test.memory.fill(DATA, length, (byte) 'x');
      test.queue(TX).chain().read(DATA, length).submit();
      test.exchange(TX);
      assertEquals("x".repeat(length), Files.readString(file));
    }
  }

  @Test
  void noiseOnEveryRingNeverStopsTheLoop() throws IOException {
    Random random = new Random(17);
    try (DeviceUnderTest test = console();
        SocketChannel client = client()) {
      client.configureBlocking(false);
      for (int round = 0; round < 1000; round++) {
        for (int i = 0; i < 8; i++) { // messages that may make sense
          long at = random.nextLong(DeviceUnderTest.RAM - 8) & ~7L;
          test.memory.setInt(at, random.nextInt(3));
          test.memory.setInt(at + 4, random.nextInt(8) | random.nextInt(2) << 16);
        }
        if (random.nextInt(4) == 0) {
          send(test, 1, ControlQueue.VIRTIO_CONSOLE_PORT_READY, 1);
          send(test, 1, OPEN, 1);
        }
        client.write(ByteBuffer.allocate(random.nextInt(200)));
        client.read(ByteBuffer.allocate(1 << 20));
        for (int queue = 0; queue < 6; queue++) {
          new HostileDriver(test.queue(queue)).noise(random, DeviceUnderTest.RAM, 0x80000);
          test.ring(queue);
        }
        test.settle();
        test.start();
      }
      assertTrue(test.counter("needs_reset") > 100, () -> "" + test.counter("needs_reset"));
      open(test);
    }
  }
}
