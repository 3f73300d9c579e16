package io.jvmm.devices.net;

import static io.jvmm.devices.driver.DeviceUnderTest.DATA;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.jvm.ShippedJvm;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A real tap, in a network namespace that only this test's own JVM is in. */
class TapTest {
  private static final String OK = "ok";
  private static final MacAddress GUEST = new MacAddress(0x0200_0000_0002L);
  private static final int ETHERNET_IP_UDP = 14 + 20 + 8;

  @Test
  void framesGoBothWaysAndADeletedTapIsALinkThatIsDown() throws Exception {
    assumeTrue(canMakeTaps(), "this process makes no network namespaces or taps");
    assertEquals(OK, ShippedJvm.runBy(List.of("unshare", "-rn"), TapTest.class));
  }

  private static boolean canMakeTaps() throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder("unshare", "-rn", "ip", "tuntap", "add", "dev", "t", "mode", "tap")
              .redirectErrorStream(true)
              .start();
      return process.waitFor() == 0 && Files.isWritable(Path.of("/dev/net/tun"));
    } catch (IOException e) {
      return false;
    }
  }

  /** In the namespace. */
  public static void main(String[] args) throws Exception {
    ip("tuntap add dev one mode tap");
    ip("tuntap add dev many mode tap multi_queue");
    ip("link add br type dummy");
    refuses();
    for (String tap : List.of("one", "many")) {
      ip("addr add 192.0.2.1/24 dev " + tap);
      ip("link set " + tap + " up mtu 4000");
      ip("neigh add 192.0.2.2 lladdr " + GUEST + " dev " + tap);
      moves(tap);
      ip("addr flush dev " + (tap.equals("one") ? "many" : "one"));
    }
    System.out.println(OK);
  }

  private static void ip(String words) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(("ip " + words).split(" ", -1)).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0 && !words.startsWith("addr flush") && !words.contains("dummy")) {
      throw new AssertionError("ip " + words + ": " + said);
    }
  }

  private static void refuses() {
    assertRefused("is not there: make it with ip tuntap", () -> TapBackend.open("nobody", 1));
    assertRefused("is an interface of another kind", () -> TapBackend.open("lo", 1));
    assertRefused("was not made for several queues", () -> TapBackend.open("one", 2));
    assertRefused("is no name", () -> TapBackend.open("a-name-of-16-chars", 1));
    assertRefused("tap fd 0 is no tap", () -> TapBackend.inherited(0));
    assertRefused("tap fd 999 is not open", () -> TapBackend.inherited(999));
    TapBackend open = TapBackend.open("one", 1);
    assertRefused("is in use", () -> TapBackend.open("one", 1));
    open.close();
  }

  private static void assertRefused(String why, Runnable opening) {
    NetException e = assertThrows(NetException.class, opening::run);
    assertTrue(e.toString().contains(why), e::toString);
  }

  private static void moves(String name) throws Exception {
    List<String> news = new CopyOnWriteArrayList<>();
    int pairs = name.equals("one") ? 1 : 3;
    TapBackend tap = TapBackend.open(name, pairs);
    assertEquals(4000, tap.mtu());
    NetOptions options = NetOptions.of(GUEST).withQueuePairs(pairs);
    try (DeviceUnderTest net = new DeviceUnderTest(loop -> new Net(tap, options, loop, news::add));
        DatagramSocket socket = new DatagramSocket(4242, InetAddress.getByName("192.0.2.1"))) {
      assertTrue((net.device.deviceFeatures() & NetFeatures.VIRTIO_NET_F_HOST_TSO4) != 0);
      net.start(net.device.deviceFeatures() & ~Features.SPLIT_RING);
      losesWhatCannotBeRead(net, tap, socket);
      assertEquals(List.of(), news);
      byte[] received = receive(net, socket);
      send(net, socket, received);
      ip("link del " + name);
      while (news.isEmpty()) {
        net.settle();
      }
      assertEquals(0, net.transport.read(0x106, 2) & 1);
      assertTrue(news.getFirst().contains("the tap is gone"), news::toString);
      net.queue(1).chain().read(DATA, 100).submit();
      net.exchange(1); // and the driver goes on
    }
  }

  /** A frame that the kernel cannot hand over is one less, and not the end of the tap. */
  private static void losesWhatCannotBeRead(
      DeviceUnderTest net, TapBackend tap, DatagramSocket socket) throws IOException {
    AtomicLong result = new AtomicLong(-Errno.EAGAIN);
    socket.send(new DatagramPacket(new byte[10], 10, InetAddress.getByName("192.0.2.2"), 4343));
    try (IovecArray nowhere = new IovecArray(1)) {
      nowhere.add(8, NetHeader.SIZE + NetBackend.FRAME_MAX);
      while (result.get() == -Errno.EAGAIN) {
        net.loop.execute(() -> result.set(tap.tryReceive(CallState.current(), 0, nowhere)));
        net.settle();
      }
    }
    assertEquals(NetHeader.SIZE, result.get());
  }

  /** The host sends; answers the frame that the driver got, without the header. */
  private static byte[] receive(DeviceUnderTest net, DatagramSocket socket) throws IOException {
    for (int i = 0; i < 16; i++) {
      net.queue(0).chain().write(DATA + 4096L * i, 4096).submit();
    }
    net.ring(0);
    byte[] payload = "from the host".getBytes(StandardCharsets.US_ASCII);
    InetAddress to = InetAddress.getByName("192.0.2.2");
    socket.send(new DatagramPacket(payload, payload.length, to, 4343));
    while (true) { // the host may say other things first
      net.awaitUsed(0);
      int length = (int) net.queue(0).reapedLength() - NetHeader.SIZE;
      long at = DATA + 4096L * net.queue(0).reapedHead();
      byte[] frame = new byte[length];
      net.memory.read(at + NetHeader.SIZE, frame, 0, length);
      if (new String(frame, StandardCharsets.ISO_8859_1).endsWith("from the host")) {
        assertEquals(1, net.memory.getShort(at + NetHeader.NUM_BUFFERS));
        assertEquals(ETHERNET_IP_UDP + payload.length, length);
        return frame;
      }
    }
  }

  /** The driver sends the frame back, addresses exchanged, which keeps checksums right. */
  private static void send(DeviceUnderTest net, DatagramSocket socket, byte[] frame)
      throws IOException {
    byte[] back = frame.clone();
    System.arraycopy(frame, 6, back, 0, 6);
    System.arraycopy(frame, 0, back, 6, 6);
    System.arraycopy(frame, 26, back, 30, 4);
    System.arraycopy(frame, 30, back, 26, 4);
    System.arraycopy(frame, 34, back, 36, 2);
    System.arraycopy(frame, 36, back, 34, 2);
    back[40] = 0; // no checksum: the host's was left to us
    back[41] = 0;
    net.memory.fill(DATA + 0x40000, NetHeader.SIZE, (byte) 0);
    net.memory.write(DATA + 0x40000 + NetHeader.SIZE, back);
    net.queue(1).chain().read(DATA + 0x40000, NetHeader.SIZE + back.length).submit();
    net.exchange(1);
    DatagramPacket answer = new DatagramPacket(new byte[100], 100);
    socket.setSoTimeout(60_000);
    socket.receive(answer);
    assertEquals(
        "from the host",
        new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII));
    assertEquals(1, net.counter("transmit.frames"));
    assertEquals(0, net.counter("transmit.refused"));
  }
}
