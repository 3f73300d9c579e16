package io.jvmm.devices.net;

import static io.jvmm.devices.driver.DeviceUnderTest.DATA;
import static io.jvmm.devices.net.NetUnderTest.PLAIN;
import static io.jvmm.devices.net.NetUnderTest.RX;
import static io.jvmm.devices.net.NetUnderTest.behindHeader;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.virtio.Features;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReceiveTest {
  private static final int BUFFER = 2048;

  private static void give(NetUnderTest net, int buffers) {
    for (int i = 0; i < buffers; i++) {
      net.device.queue(RX).chain().write(DATA + (long) i * BUFFER, BUFFER).submit();
    }
  }

  @Test
  void aFrameAndItsHeaderComeIntoOneBuffer() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      give(net, 1);
      byte[] frame = net.frame(100);
      net.arrive(behindHeader(frame, 7));
      assertTrue(net.device.queue(RX).reap());
      assertEquals(112, net.device.queue(RX).reapedLength());
      byte[] header = {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 1, 0};
      assertArrayEquals(header, net.guest(DATA, 12));
      assertArrayEquals(frame, net.guest(DATA + 12, 100));
      assertEquals(1, net.device.counter("receive.frames"));
      assertEquals(100, net.device.counter("receive.bytes"));
    }
  }

  @Test
  void aWireWithoutHeadersGetsOneOfZeroes() {
    try (NetUnderTest net = NetUnderTest.withoutHeader().start(PLAIN)) {
      net.device.memory.fill(DATA, BUFFER, (byte) 0x5a);
      give(net, 1);
      byte[] frame = net.frame(100);
      net.arrive(frame);
      assertTrue(net.device.queue(RX).reap());
      assertEquals(112, net.device.queue(RX).reapedLength());
      assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}, net.guest(DATA, 12));
      assertArrayEquals(frame, net.guest(DATA + 12, 100));
    }
  }

  @Test
  void aLongFrameFillsSeveralBuffersAndSaysHowMany() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      give(net, 40);
      byte[] frame = net.frame(NetBackend.FRAME_MAX);
      byte[] whole = behindHeader(frame, 0);
      net.arrive(whole);
      whole[10] = 33; // of 2048 bytes, for 65,565
      for (int i = 0; i < 33; i++) {
        assertTrue(net.device.queue(RX).reap(), () -> "a buffer is missing");
        int length = i < 32 ? BUFFER : whole.length - 32 * BUFFER;
        assertEquals(length, net.device.queue(RX).reapedLength());
      }
      assertFalse(net.device.queue(RX).reap());
      assertArrayEquals(whole, net.guest(DATA, whole.length));
    }
  }

  @Test
  void buffersOfAFewBytesAreFilledAllTheSame() {
    for (NetUnderTest net :
        new NetUnderTest[] {NetUnderTest.withHeader(), NetUnderTest.withoutHeader()}) {
      try (net) {
        net.start(PLAIN);
        for (int i = 0; i < 16; i++) {
          net.device.queue(RX).chain().write(DATA + 5L * i, 5).submit();
        }
        byte[] frame = net.frame(50);
        net.arrive(net.wire.hasHeader() ? behindHeader(frame, 0) : frame);
        byte[] expected = behindHeader(frame, 0);
        expected[10] = 13;
        for (int i = 0; i < 13; i++) {
          assertTrue(net.device.queue(RX).reap());
          assertEquals(i < 12 ? 5 : 2, net.device.queue(RX).reapedLength());
        }
        assertArrayEquals(expected, net.guest(DATA, 62));
      }
    }
  }

  @Test
  void severalFramesAreOneInterrupt() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      for (int i = 0; i < 8; i++) {
        net.arrive(behindHeader(net.frame(60), 0));
      }
      give(net, 8);
      net.device.interrupt.raised().drainPermits();
      net.device.ring(RX);
      net.device.settle();
      assertEquals(8, net.device.counter("receive.frames"));
      assertEquals(1, net.device.interrupt.raised().drainPermits());
    }
  }

  @Test
  void framesThatComeBeforeTheBuffersWaitOnTheHostsSide() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      for (int i = 0; i < 3; i++) {
        net.arrive(behindHeader(net.frame(60 + i), 0));
      }
      assertEquals(0, net.wire.receiveCalls);
      give(net, 3);
      net.device.ring(RX);
      for (int i = 0; i < 3; i++) {
        net.device.awaitUsed(RX);
        assertEquals(72 + i, net.device.queue(RX).reapedLength());
      }
    }
  }

  @Test
  void aGuestWithoutBuffersCostsNoTurnsUnderIngress() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      give(net, 1);
      for (int i = 0; i < 500; i++) {
        net.arrive(behindHeader(net.frame(60), 0));
      }
      assertEquals(1, net.wire.receiveCalls); // CVE-2020-16843: the loop and the guest go on
      net.device.queue(NetUnderTest.TX).chain().read(DATA + 0x8000, 72).submit();
      net.device.exchange(NetUnderTest.TX);
      assertEquals(1, net.wire.sent.size());
    }
  }

  @Test
  void aFrameThatIsLongerThanWhatIsReadyWaitsForTheRest() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      give(net, 2);
      byte[] whole = behindHeader(net.frame(7000), 0);
      net.arrive(whole);
      assertFalse(net.device.queue(RX).reap());
      give(net, 2);
      assertEquals(4, net.device.queue(RX).availIdx());
      net.device.queue(RX).setDescriptor(2, DATA + 2 * BUFFER, BUFFER, 2, 0);
      net.device.queue(RX).setDescriptor(3, DATA + 3 * BUFFER, BUFFER, 2, 0);
      net.device.ring(RX);
      for (int i = 0; i < 4; i++) {
        net.device.awaitUsed(RX);
      }
      whole[10] = 4;
      assertArrayEquals(whole, net.guest(DATA, whole.length));
      assertEquals(0, net.device.counter("receive.dropped"));
    }
  }

  @Test
  void aFrameThatTheRingCanNeverHoldIsDroppedAndTheNextOneComes() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      int size = net.device.queue(RX).size();
      for (int i = 0; i < size; i++) {
        net.device.queue(RX).chain().write(DATA + 128L * i, 128).submit();
      }
      net.arrive(behindHeader(net.frame(128 * size), 0));
      assertEquals(1, net.device.counter("receive.dropped"));
      byte[] frame = net.frame(100);
      net.arrive(behindHeader(frame, 0));
      assertTrue(net.device.queue(RX).reap());
      assertEquals(112, net.device.queue(RX).reapedLength());
      assertArrayEquals(frame, net.guest(DATA + 12, 100));
    }
  }

  @Test
  void withoutMergingAFrameNeedsOneChainAndALongerOneIsDropped() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(Features.VIRTIO_F_VERSION_1)) {
      net.device.queue(RX).chain().write(DATA, 12).write(DATA + 64, 100).submit();
      net.device.queue(RX).chain().write(DATA + 0x1000, 12).write(DATA + 0x1040, 100).submit();
      net.arrive(behindHeader(net.frame(101), 0));
      assertEquals(1, net.device.counter("receive.dropped"));
      byte[] frame = net.frame(100);
      net.arrive(behindHeader(frame, 0));
      assertTrue(net.device.queue(RX).reap());
      assertEquals(112, net.device.queue(RX).reapedLength());
      assertArrayEquals(frame, net.guest(DATA + 64, 100));
      assertEquals(1, net.device.memory.getShort(DATA + 10));
    }
  }

  @Test
  void aFrameInTwoPartsIsWholeWhateverBuffersComeMeanwhile() {
    for (NetUnderTest net :
        new NetUnderTest[] {NetUnderTest.withHeader(), NetUnderTest.withoutHeader()}) {
      try (net) {
        net.start(PLAIN);
        give(net, 1);
        byte[] frame = net.frame(1000);
        byte[] given = net.wire.hasHeader() ? behindHeader(frame, 0) : frame;
        net.onLoop(
            () -> {
              net.wire.cutNextAt(300);
              net.wire.arrive(0, given);
            });
        assertFalse(net.device.queue(RX).reap());
        net.device.queue(RX).chain().write(DATA + 0x10000, BUFFER).submit();
        net.device.ring(RX);
        net.device.settle();
        net.onLoop(
            () ->
                net.wire.arrive(
                    0, net.wire.hasHeader() ? behindHeader(net.frame(60), 0) : net.frame(60)));
        assertTrue(net.device.queue(RX).reap());
        assertEquals(1012, net.device.queue(RX).reapedLength());
        assertArrayEquals(frame, net.guest(DATA + 12, 1000));
        assertTrue(net.device.queue(RX).reap());
        assertEquals(72, net.device.queue(RX).reapedLength());
      }
    }
  }

  @Test
  void aResetForgetsAHalfFrame() {
    try (NetUnderTest net = NetUnderTest.withoutHeader().start(PLAIN)) {
      give(net, 1);
      net.onLoop(
          () -> {
            net.wire.cutNextAt(30);
            net.wire.arrive(0, net.frame(100));
          });
      net.device.driver.reset();
      assertTrue(net.wire.forgotten > 0);
      net.start(PLAIN);
      give(net, 1);
      net.arrive(net.frame(60));
      assertTrue(net.device.queue(RX).reap());
    }
  }

  @Test
  void aFrameShorterThanAnEthernetHeaderIsDropped() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      give(net, 1);
      net.arrive(new byte[25]);
      net.arrive(new byte[3]);
      assertEquals(2, net.device.counter("receive.dropped"));
      assertFalse(net.device.queue(RX).reap());
    }
  }

  @Test
  void chainsWithoutRoomAreGivenBackAndReadableBuffersLeftAlone() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      net.device.queue(RX).chain().read(DATA + 0x9000, 64).submit();
      net.device.queue(RX).chain().read(DATA + 0x9000, 64).write(DATA, BUFFER).submit();
      net.arrive(behindHeader(net.frame(60), 0));
      assertTrue(net.device.queue(RX).reap());
      assertEquals(0, net.device.queue(RX).reapedLength());
      assertTrue(net.device.queue(RX).reap());
      assertEquals(72, net.device.queue(RX).reapedLength());
      assertArrayEquals(new byte[64], net.guest(DATA + 0x9000, 64));
    }
  }

  @Test
  void moreFramesThanATurnTakesAllCome() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      int left = 300;
      for (int i = 0; i < left; i++) {
        net.arrive(behindHeader(net.frame(60), 0));
      }
      while (left > 0) {
        int n = Math.min(left, 50);
        give(net, n);
        net.device.ring(RX);
        for (int i = 0; i < n; i++) {
          net.device.awaitUsed(RX);
        }
        left -= n;
      }
      assertEquals(300, net.device.counter("receive.frames"));
    }
  }

  @Test
  void whileTheLinkIsDownFramesAreDroppedAndItsDriverIsTold() {
    try (NetUnderTest net =
        NetUnderTest.withHeader().start(PLAIN | NetFeatures.VIRTIO_NET_F_STATUS)) {
      give(net, 2);
      assertEquals(1, net.device.transport.read(0x106, 2));
      net.device.interrupt.raised().drainPermits();
      net.net().setLink(false);
      net.device.awaitInterrupt();
      assertEquals(0, net.device.transport.read(0x106, 2));
      net.arrive(behindHeader(net.frame(60), 0));
      assertFalse(net.device.queue(RX).reap());
      assertEquals(1, net.device.counter("unplugged.frames"));
      net.net().setLink(true);
      net.arrive(behindHeader(net.frame(61), 0));
      assertTrue(net.device.queue(RX).reap());
      assertEquals(73, net.device.queue(RX).reapedLength());
    }
  }

  @Test
  void aWireThatIsGoneTakesTheLinkDownAndIsToldOnce() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      net.onLoop(net.wire::vanish);
      assertEquals(0, net.device.transport.read(0x106, 2));
      assertEquals(1, net.news.size());
      assertTrue(net.news.getFirst().contains("test wire"), net.news::toString);
      net.net().setLink(false);
      net.net().setLink(true); // plugged in, with nothing at the other end
      assertEquals(0, net.device.transport.read(0x106, 2));
    }
  }

  @Test
  void aBrokenRingStopsTheDeviceUntilItIsReset() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      net.device.queue(RX).chain().write(DeviceUnderTest.RAM, 64).submit();
      net.arrive(behindHeader(net.frame(60), 0));
      net.awaitReset();
      net.start(PLAIN);
      give(net, 1);
      net.arrive(behindHeader(net.frame(61), 0));
      assertTrue(net.device.queue(RX).reap());
      byte[] zeroes = new byte[8];
      assertFalse(Arrays.equals(zeroes, net.guest(DATA + 12, 8)));
    }
  }
}
