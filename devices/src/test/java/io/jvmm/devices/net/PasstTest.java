package io.jvmm.devices.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.devices.net.HostForward.Protocol;
import io.jvmm.host.CallState;
import io.jvmm.host.socket.ListeningSocket;
import io.jvmm.host.socket.Socket;
import io.jvmm.host.socket.SocketAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real passt, where it is installed and the host has a network that it can show. */
class PasstTest {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final String LOOPBACK_TEXT = "127.0.0.1";

  private final CallState state = CallState.current();

  private static void needPasst() {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/passt")),
        "passt is not installed (apt install passt)");
    assumeTrue(hasRoute(), "this host has no default route, which passt shows the guest");
  }

  private static boolean hasRoute() {
    try {
      return Files.readAllLines(Path.of("/proc/net/route")).stream()
          .anyMatch(line -> line.split("\t", -1)[1].equals("00000000"));
    } catch (IOException e) {
      return false;
    }
  }

  /** A port that nobody has just now. */
  private static int freePort() {
    try (ListeningSocket listener = listen(0)) {
      return listener.port();
    }
  }

  private static ListeningSocket listen(int port) {
    SocketAddress address = SocketAddress.internet(LOOPBACK, 0, port, "loopback:" + port);
    return ListeningSocket.listen(address, 1, "test");
  }

  private boolean isReached(int port) {
    SocketAddress address = SocketAddress.internet(LOOPBACK, 0, port, "loopback:" + port);
    try (Socket client = Socket.connect(address, "client")) {
      assertTrue(client.awaitWritable(state, 60_000));
      return client.tryTakeError(state) == 0;
    }
  }

  @Test
  void itAnswersTheGuestsFrames() {
    needPasst();
    Passt passt = Passt.start(List.of(), 0);
    passt.awaitReady();
    try (StreamEnd guest = new StreamEnd(passt.connection())) {
      guest.send(StreamEnd.framed(dhcpDiscover()));
      byte[] offer = guest.receiveFrame();
      assertEquals(0x0800, ByteBuffer.wrap(offer).getShort(12), "IPv4");
      assertEquals(68, ByteBuffer.wrap(offer).getShort(36), "to the DHCP client's port");
    }
    passt.close();
  }

  private static StreamBackend ready(List<HostForward> forwards) {
    Passt passt = Passt.start(forwards, 0);
    StreamBackend backend = passt.backend();
    passt.awaitReady();
    return backend;
  }

  private static byte[] dhcpDiscover() {
    int payload = 244;
    ByteBuffer frame = ByteBuffer.allocate(14 + 20 + 8 + payload);
    for (int i = 0; i < 6; i++) {
      frame.put((byte) -1);
    }
    byte[] mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
    frame.put(mac).putShort((short) 0x0800);
    frame.put((byte) 0x45).put((byte) 0).putShort((short) (20 + 8 + payload));
    frame.putInt(0).put((byte) 64).put((byte) 17).putShort((short) 0).putInt(0).putInt(-1);
    frame.putShort((short) 68).putShort((short) 67).putShort((short) (8 + payload));
    frame.putShort((short) 0);
    frame.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0).putInt(0x1234);
    frame.putInt(0).putInt(0).putInt(0).putInt(0).putInt(0).put(mac);
    frame.position(14 + 20 + 8 + 236);
    frame.putInt(0x63825363).put((byte) 53).put((byte) 1).put((byte) 1).put((byte) 255);
    return frame.array();
  }

  @Test
  void itsForwardIsThereWhenItIsReadyAndFreeWhenItIsClosed() {
    needPasst();
    int port = freePort();
    for (int i = 0; i < 3; i++) {
      try (StreamBackend backend =
          ready(List.of(new HostForward(Protocol.TCP, LOOPBACK_TEXT, port, 80)))) {
        assertEquals("passt", backend.name());
        assertTrue(isReached(port));
      }
      assertFalse(isReached(port), "nobody listens when it is closed");
    }
  }

  @Test
  void aPortThatSomebodyHasIsAnErrorThatNamesIt() {
    needPasst();
    try (ListeningSocket taken = listen(0)) {
      int port = taken.port();
      for (String address : List.of("", LOOPBACK_TEXT)) {
        Passt passt = Passt.start(List.of(new HostForward(Protocol.TCP, address, port, 80)), 0);
        try (StreamBackend backend = passt.backend()) {
          assertEquals(Passt.MTU_DEFAULT, backend.mtu());
          NetException refused = assertThrows(NetException.class, passt::awaitReady);
          assertTrue(refused.toString().contains(port + ":80"), refused::toString);
        }
      }
    }
  }

  @Test
  void closedBeforeItIsReadyItGoes() {
    needPasst();
    int port = freePort();
    Passt passt = Passt.start(List.of(new HostForward(Protocol.TCP, LOOPBACK_TEXT, port, 80)), 0);
    passt.backend().close();
    // What went into the background meanwhile has nobody to talk to, and ends by itself.
    while (isReached(port)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void oneThatIsNotInstalledIsSaid() {
    NetException missing =
        assertThrows(NetException.class, () -> Passt.start("no-such-program-here", List.of(), 0));
    assertTrue(missing.toString().contains("apt install passt"), missing::toString);
  }

  @Test
  void whatItSaidLastIsTheReason(@TempDir Path folder) throws Exception {
    Path script = folder.resolve("passt");
    Files.writeString(
        script,
        """
        #!/bin/sh
        echo warning >&2
        echo 'no namespace for you' >&2
        echo 'Failed to send 3 bytes to syslog' >&2
        exit 1
        """);
    assertTrue(script.toFile().setExecutable(true));
    Passt passt = Passt.start(script.toString(), List.of(), 0);
    try (StreamBackend backend = passt.backend()) {
      assertEquals("passt", backend.name());
      NetException refused = assertThrows(NetException.class, passt::awaitReady);
      assertTrue(
          refused.toString().endsWith("passt did not start: no namespace for you"),
          refused::toString);
    }
  }

  @Test
  void forwardsOfOneProtocolAreNotThoseOfTheOther() {
    List<String> command =
        Passt.command(
            "passt",
            List.of(
                new HostForward(Protocol.TCP, "", 8080, 80),
                new HostForward(Protocol.TCP, "::1", 2222, 22)),
            1500);
    assertEquals(
        "passt --quiet --fd 3 --mtu 1500 --tcp-ports 0.0.0.0/8080:80 --tcp-ports ::1/2222:22"
            + " --udp-ports none",
        String.join(" ", command));
  }
}
