package io.jvmm.devices.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What a driver reads before it does anything else (virtio 1.2, 5.1.4). */
class NetSpaceTest {
  private static final int PAIRS = 3;
  private static final int MAX_VIRTQUEUE_PAIRS = 0x108;
  private static final int MTU = 0x10a;

  private static NetUnderTest of(int wireMtu, UnaryOperator<NetOptions> options) {
    ScriptedWire wire = new ScriptedWire(true, PAIRS);
    wire.mtu = wireMtu;
    return new NetUnderTest(wire, options);
  }

  private static boolean offers(NetUnderTest net, long feature) {
    return (net.device.device.deviceFeatures() & feature) != 0;
  }

  private static void assertMtu(int expected, int wireMtu, UnaryOperator<NetOptions> options) {
    try (NetUnderTest net = of(wireMtu, options)) {
      assertEquals(expected, net.device.transport.read(MTU, 2) & 0xffff);
      assertEquals(expected != 0, offers(net, NetFeatures.VIRTIO_NET_F_MTU));
    }
  }

  @Test
  void theMtuIsTheOneThatWasAskedForElseTheWiresElseNone() {
    assertMtu(1400, 9000, options -> options.withMtu(1400));
    assertMtu(Net.MTU_MAX, 9000, options -> options.withMtu(Net.MTU_MAX));
    assertMtu(9000, 9000, options -> options);
    assertMtu(0, 0, options -> options);
  }

  @Test
  void severalPairsOfQueuesAreOfferedWhereThereAreSeveral() {
    try (NetUnderTest net = of(0, options -> options.withQueuePairs(PAIRS))) {
      assertEquals(PAIRS, net.device.transport.read(MAX_VIRTQUEUE_PAIRS, 2));
      assertEquals(true, offers(net, NetFeatures.VIRTIO_NET_F_MQ));
    }
    try (NetUnderTest net = of(0, options -> options)) {
      assertEquals(1, net.device.transport.read(MAX_VIRTQUEUE_PAIRS, 2));
      assertEquals(false, offers(net, NetFeatures.VIRTIO_NET_F_MQ));
    }
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    NetOptions options = NetOptions.of(NetUnderTest.MAC);
    for (int mtu : new int[] {-1, 1, Net.MTU_MIN - 1, Net.MTU_MAX + 1}) {
      assertThrows(IllegalArgumentException.class, () -> options.withMtu(mtu));
    }
    for (int pairs : new int[] {-1, 0, Net.QUEUE_PAIRS_MAX + 1}) {
      assertThrows(IllegalArgumentException.class, () -> options.withQueuePairs(pairs));
    }
  }
}
