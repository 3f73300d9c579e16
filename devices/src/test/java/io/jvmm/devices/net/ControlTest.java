package io.jvmm.devices.net;

import static io.jvmm.devices.driver.DeviceUnderTest.DATA;
import static io.jvmm.devices.net.NetUnderTest.MAC;
import static io.jvmm.devices.net.NetUnderTest.PLAIN;
import static io.jvmm.devices.net.NetUnderTest.RX;
import static io.jvmm.devices.net.NetUnderTest.behindHeader;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.virtio.Features;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlTest {
  private static final int CONTROL = 2;
  private static final long ALL = ~Features.SPLIT_RING;
  private static final MacAddress OTHER = new MacAddress(0x0102_0304_0502L);
  private static final MacAddress GROUP = new MacAddress(0x0102_0304_0501L);
  private static final MacAddress BROADCAST = new MacAddress(-1);

  private static NetUnderTest started() {
    NetUnderTest net = NetUnderTest.withHeader();
    return net.start(net.device.device.deviceFeatures() & ALL);
  }

  private static boolean passes(NetUnderTest net, MacAddress to) {
    long before = net.device.counter("receive.frames");
    net.device.queue(RX).chain().write(DATA, 2048).submit();
    net.arrive(behindHeader(net.frame(to, 60), 0));
    boolean passed = net.device.queue(RX).reap();
    if (!passed) { // it lies ready: used up by one that passes
      net.command(CONTROL, 0, 0, (byte) 1);
      net.arrive(behindHeader(net.frame(to, 60), 0));
      assertTrue(net.device.queue(RX).reap());
      net.command(CONTROL, 0, 0, (byte) 0);
      before++;
    }
    assertEquals(passed ? before + 1 : before, net.device.counter("receive.frames"));
    return passed;
  }

  private static byte[] tables(List<MacAddress> unicast, List<MacAddress> multicast) {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + 6 * (unicast.size() + multicast.size()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (List<MacAddress> table : List.of(unicast, multicast)) {
      bytes.putInt(table.size());
      for (MacAddress mac : table) {
        bytes.putInt((int) mac.bits()).putShort((short) (mac.bits() >>> 32));
      }
    }
    return bytes.array();
  }

  @Test
  void everythingPassesUntilTheDriverSaysOtherwise() {
    try (NetUnderTest net = started()) {
      assertTrue(passes(net, OTHER));
      assertTrue(passes(net, GROUP));
      assertEquals(0, net.command(CONTROL, 0, 0, (byte) 0));
      assertTrue(passes(net, MAC));
      assertTrue(passes(net, BROADCAST));
      assertFalse(passes(net, OTHER));
      assertFalse(passes(net, GROUP));
      assertEquals(2, net.device.counter("receive.filtered"));
    }
  }

  @Test
  void modesOfReceivingAreWhatTheSpecificationSays() {
    try (NetUnderTest net = started()) {
      net.command(CONTROL, 0, 0, (byte) 0);
      assertEquals(0, net.command(CONTROL, 0, 1, (byte) 1)); // all multicast
      assertTrue(passes(net, GROUP));
      assertEquals(0, net.command(CONTROL, 0, 2, (byte) 1)); // all unicast
      assertTrue(passes(net, OTHER));
      assertEquals(0, net.command(CONTROL, 0, 3, (byte) 1)); // no multicast
      assertFalse(passes(net, GROUP));
      assertTrue(passes(net, BROADCAST));
      assertEquals(0, net.command(CONTROL, 0, 4, (byte) 1)); // no unicast
      assertFalse(passes(net, OTHER));
      assertEquals(0, net.command(CONTROL, 0, 5, (byte) 1)); // no broadcast
      assertFalse(passes(net, BROADCAST));
      assertEquals(1, net.command(CONTROL, 0, 6, (byte) 1));
      assertEquals(1, net.command(CONTROL, 0, 0)); // nothing said
      assertEquals(2, net.device.counter("control.refused"));
    }
  }

  @Test
  void tablesOfAddressesPass() {
    try (NetUnderTest net = started()) {
      net.command(CONTROL, 0, 0, (byte) 0);
      assertEquals(0, net.command(CONTROL, 1, 0, tables(List.of(OTHER), List.of(GROUP))));
      assertTrue(passes(net, OTHER));
      assertTrue(passes(net, GROUP));
      assertEquals(0, net.command(CONTROL, 1, 0, tables(List.of(), List.of())));
      assertFalse(passes(net, OTHER));
      assertFalse(passes(net, GROUP));
    }
  }

  @Test
  void aTableThatIsTooLongLetsAllOfItsKindPass() {
    try (NetUnderTest net = started()) {
      net.command(CONTROL, 0, 0, (byte) 0);
      List<MacAddress> many = Collections.nCopies(ReceiveFilter.ADDRESSES_MAX + 1, MAC);
      assertEquals(0, net.command(CONTROL, 1, 0, tables(List.of(), many)));
      assertTrue(passes(net, GROUP));
      assertFalse(passes(net, OTHER));
      assertEquals(0, net.command(CONTROL, 1, 0, tables(many, List.of())));
      assertTrue(passes(net, OTHER));
      assertFalse(passes(net, GROUP));
    }
  }

  @Test
  void tablesThatLieAboutTheirLengthChangeNothing() {
    try (NetUnderTest net = started()) {
      net.command(CONTROL, 0, 0, (byte) 0);
      net.command(CONTROL, 1, 0, tables(List.of(OTHER), List.of()));
      assertEquals(1, net.command(CONTROL, 1, 0, new byte[4]));
      assertEquals(1, net.command(CONTROL, 1, 0, new byte[9]));
      byte[] huge = tables(List.of(GROUP), List.of());
      huge[3] = (byte) 0xff;
      assertEquals(1, net.command(CONTROL, 1, 0, huge));
      assertEquals(1, net.command(CONTROL, 1, 0, new byte[ControlCommands.DATA_MAX + 1]));
      assertTrue(passes(net, OTHER));
    }
  }

  @Test
  void theDriverSetsItsAddressAndTheNextDriverFindsTheOldOne() {
    try (NetUnderTest net = started()) {
      assertEquals(MAC.bits() & 0xffff_ffffL, net.device.transport.read(0x100, 4) & 0xffff_ffffL);
      net.command(CONTROL, 0, 0, (byte) 0);
      byte[] address = {2, 5, 4, 3, 2, 1};
      assertEquals(0, net.command(CONTROL, 1, 1, address));
      assertEquals(OTHER.bits() & 0xffff_ffffL, net.device.transport.read(0x100, 4) & 0xffff_ffffL);
      assertTrue(passes(net, OTHER));
      assertFalse(passes(net, MAC));
      net.device.driver.reset();
      assertEquals(MAC.bits() & 0xffff_ffffL, net.device.transport.read(0x100, 4) & 0xffff_ffffL);
    }
  }

  @Test
  void queuePairsAreTurnedOnAndOffWithinBounds() {
    ScriptedWire wire = new ScriptedWire(true, 3);
    try (NetUnderTest net = new NetUnderTest(wire, options -> options.withQueuePairs(3))) {
      assertEquals(3, net.device.transport.read(0x108, 2));
      net.start(net.device.device.deviceFeatures() & ALL);
      assertEquals(0, net.command(6, 4, 0, (byte) 3, (byte) 0));
      assertEquals(1, net.command(6, 4, 0, (byte) 4, (byte) 0));
      assertEquals(1, net.command(6, 4, 0, (byte) 0, (byte) 0));
      assertEquals(1, net.command(6, 4, 0, (byte) 1));
      assertEquals(List.of(1, 3), wire.pairCounts);
      net.device.queue(4).chain().write(DATA, 2048).submit();
      net.arrive(2, behindHeader(net.frame(60), 0));
      assertTrue(net.device.queue(4).reap());
    }
  }

  @Test
  void queuePairsThatTheHostRefusesAreRefusedToTheDriver() {
    ScriptedWire wire = new ScriptedWire(true, 3);
    try (NetUnderTest net = new NetUnderTest(wire, options -> options.withQueuePairs(3))) {
      net.start(net.device.device.deviceFeatures() & ALL);
      net.onLoop(() -> wire.refusesPairs = true);
      assertEquals(1, net.command(6, 4, 0, (byte) 2, (byte) 0));
      assertEquals(1, net.device.counter("control.refused"));
      net.onLoop(() -> wire.refusesPairs = false);
      assertEquals(0, net.command(6, 4, 0, (byte) 2, (byte) 0));
    }
  }

  @Test
  void aDriverOfOneQueuePairFindsTheControlQueueBehindIt() {
    ScriptedWire wire = new ScriptedWire(true, 3);
    try (NetUnderTest net = new NetUnderTest(wire, options -> options.withQueuePairs(3))) {
      net.start(net.device.device.deviceFeatures() & ALL & ~NetFeatures.VIRTIO_NET_F_MQ);
      assertEquals(0, net.command(2, 0, 0, (byte) 1));
      assertEquals(1, net.command(2, 4, 0, (byte) 2, (byte) 0));
    }
  }

  @Test
  void whatTheDriverTakesIsToldTheWireAndMayBeLessLater() {
    try (NetUnderTest net = NetUnderTest.withHeader()) {
      long some =
          NetFeatures.VIRTIO_NET_F_GUEST_CSUM
              | NetFeatures.VIRTIO_NET_F_GUEST_TSO4
              | NetFeatures.VIRTIO_NET_F_HOST_TSO4
              | NetFeatures.VIRTIO_NET_F_CTRL_GUEST_OFFLOADS
              | NetFeatures.VIRTIO_NET_F_CTRL_VQ;
      net.start(PLAIN | some);
      assertEquals(0, net.command(CONTROL, 5, 0, new byte[] {2, 0, 0, 0, 0, 0, 0, 0}));
      assertEquals(1, net.command(CONTROL, 5, 0, new byte[] {0, 1, 0, 0, 0, 0, 0, 0})); // TSO6
      assertEquals(List.of(some & NetFeatures.GUEST_OFFLOADS, 2L), net.wire.guestOffloads);
    }
  }

  @Test
  void commandsAtOnceAreAllAnswered() {
    try (NetUnderTest net = started()) {
      net.device.memory.write(DATA, new byte[] {0, 0, 1});
      for (int i = 0; i < 20; i++) {
        net.device.memory.setByte(DATA + 64 + i, (byte) 0x55);
        net.device.queue(CONTROL).chain().read(DATA, 3).write(DATA + 64 + i, 1).submit();
      }
      net.device.ring(CONTROL);
      for (int i = 0; i < 20; i++) {
        net.device.awaitUsed(CONTROL);
        assertEquals(1, net.device.queue(CONTROL).reapedLength());
      }
      assertArrayEquals(new byte[20], net.guest(DATA + 64, 20));
      net.device.settle();
      assertEquals(0, net.command(CONTROL, 0, 0, (byte) 0)); // and it is asked to ring again
    }
  }

  @Test
  void aCommandWithNoRoomForItsAnswerIsNotDone() {
    try (NetUnderTest net = started()) {
      net.device.memory.write(DATA, new byte[] {0, 0, 0});
      net.device.queue(CONTROL).chain().read(DATA, 3).submit();
      net.device.exchange(CONTROL);
      assertEquals(0, net.device.queue(CONTROL).reapedLength());
      assertEquals(1, net.device.counter("control.refused"));
      assertTrue(passes(net, OTHER));
    }
  }

  @Test
  void commandsOfFeaturesThatWereNotAgreedOnAreRefused() {
    try (NetUnderTest net = NetUnderTest.withHeader()) {
      net.start(PLAIN | NetFeatures.VIRTIO_NET_F_CTRL_VQ);
      assertEquals(1, net.command(CONTROL, 0, 0, (byte) 0));
      assertEquals(1, net.command(CONTROL, 0, 2, (byte) 0));
      assertEquals(1, net.command(CONTROL, 1, 0, tables(List.of(), List.of())));
      assertEquals(1, net.command(CONTROL, 1, 1, new byte[6]));
      assertEquals(1, net.command(CONTROL, 5, 0, new byte[8]));
      assertEquals(1, net.command(CONTROL, 9, 0));
    }
  }
}
