package io.jvmm.devices.net;

import static io.jvmm.devices.driver.DeviceUnderTest.DATA;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.net.Tap;
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
  private static final long SENT = DATA + 0x700000;
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
    refuses();
    takesInherited();
    knowsWhatTheKernelDoes();
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
    if (process.waitFor() != 0 && !words.startsWith("addr flush")) {
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

  /** Descriptors that are given stay the caller's; the tap serves through its own. */
  private static void takesInherited() {
    try (Tap one = Tap.open("many", true);
        Tap two = Tap.open("many", true)) {
      TapBackend tap = TapBackend.inherited(one.fd().number(), two.fd().number());
      assertEquals("tap fd " + one.fd().number(), tap.name());
      assertEquals(2, tap.maxQueuePairs());
      assertEquals(0, tap.mtu()); // nobody says which interface of which namespace it is
      tap.close();
      assertTrue(one.hasSeveralQueues(), "it is still open");
    }
    try (Tap one = Tap.open("one", false)) {
      int fd = one.fd().number();
      TapBackend tap = TapBackend.inherited(fd);
      assertEquals(1, tap.maxQueuePairs());
      tap.close();
      assertRefused(
          "tap fd " + fd + " was not opened with IFF_MULTI_QUEUE",
          () -> TapBackend.inherited(fd, fd));
    }
  }

  /** Long UDP payloads are offered where the kernel takes them, since 6.2. */
  private static void knowsWhatTheKernelDoes() {
    long uso =
        NetFeatures.VIRTIO_NET_F_GUEST_USO4
            | NetFeatures.VIRTIO_NET_F_GUEST_USO6
            | NetFeatures.VIRTIO_NET_F_HOST_USO;
    TapBackend tap = TapBackend.open("one", 1);
    long offered = tap.offloads();
    tap.close();
    assertEquals(NetFeatures.OFFLOADS & ~uso, offered & ~uso);
    try (Tap same = Tap.open("one", false)) {
      int bits = Tap.TUN_F_CSUM | Tap.TUN_F_USO4 | Tap.TUN_F_USO6;
      boolean knows = same.trySetOffloads(CallState.current(), bits) == 0;
      same.trySetOffloads(CallState.current(), 0);
      assertEquals(knows ? uso : 0, offered & uso);
    }
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
      assertEquals(4000, net.transport.read(0x10a, 2));
      losesWhatCannotBeRead(net, tap, socket);
      assertEquals(List.of(), news);
      give(net, 0);
      byte[] received = receive(net, 0, socket);
      send(net, 1, socket, received);
      if (pairs == 3) {
        turnsPairsOnAndOff(net, socket, received);
      }
      assertEquals(pairs == 3 ? 2 : 1, net.counter("transmit.frames"));
      assertEquals(0, net.counter("transmit.refused"));
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

  /**
   * Who sends by a pair gets its answers there, once that is on; the first has all when it is off.
   */
  private static void turnsPairsOnAndOff(DeviceUnderTest net, DatagramSocket socket, byte[] frame)
      throws IOException {
    give(net, 4);
    setPairs(net, 3);
    send(net, 5, socket, frame);
    receive(net, 4, socket);
    setPairs(net, 1);
    receive(net, 0, socket);
  }

  private static void setPairs(DeviceUnderTest net, int count) {
    long at = SENT + 0x10000;
    net.memory.write(at, new byte[] {4, 0, (byte) count, 0, 0x55});
    net.queue(6).chain().read(at, 4).write(at + 4, 1).submit();
    net.exchange(6);
    assertEquals(0, net.memory.getByte(at + 4));
  }

  private static long buffers(int queue) {
    return DATA + 0x100000L * queue;
  }

  private static void give(DeviceUnderTest net, int queue) {
    for (int i = 0; i < 48; i++) {
      net.queue(queue).chain().write(buffers(queue) + 4096L * i, 4096).submit();
    }
    net.ring(queue);
  }

  /** The host sends; answers the frame that the driver got, without the header. */
  private static byte[] receive(DeviceUnderTest net, int queue, DatagramSocket socket)
      throws IOException {
    byte[] payload = "from the host".getBytes(StandardCharsets.US_ASCII);
    InetAddress to = InetAddress.getByName("192.0.2.2");
    socket.send(new DatagramPacket(payload, payload.length, to, 4343));
    while (true) { // the host may say other things first
      net.awaitUsed(queue);
      int length = (int) net.queue(queue).reapedLength() - NetHeader.SIZE;
      long at = buffers(queue) + 4096L * net.queue(queue).reapedHead();
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
  private static void send(DeviceUnderTest net, int queue, DatagramSocket socket, byte[] frame)
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
    net.memory.fill(SENT, NetHeader.SIZE, (byte) 0);
    net.memory.write(SENT + NetHeader.SIZE, back);
    net.queue(queue).chain().read(SENT, NetHeader.SIZE + back.length).submit();
    net.exchange(queue);
    DatagramPacket answer = new DatagramPacket(new byte[100], 100);
    socket.setSoTimeout(60_000);
    socket.receive(answer);
    assertEquals(
        "from the host",
        new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII));
  }
}
