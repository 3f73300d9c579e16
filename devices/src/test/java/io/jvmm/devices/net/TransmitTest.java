package io.jvmm.devices.net;

import static io.jvmm.devices.driver.DeviceUnderTest.DATA;
import static io.jvmm.devices.net.NetUnderTest.PLAIN;
import static io.jvmm.devices.net.NetUnderTest.RX;
import static io.jvmm.devices.net.NetUnderTest.TX;
import static io.jvmm.devices.net.NetUnderTest.behindHeader;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.devices.io.IoHandler;
import io.jvmm.host.Errno;
import io.jvmm.virtio.Features;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TransmitTest {
  private static byte[] put(NetUnderTest net, int length) {
    byte[] whole = behindHeader(net.frame(length), 3);
    net.device.memory.write(DATA, whole);
    return whole;
  }

  @Test
  void aFrameGoesOutAsItLiesInTheGuest() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      byte[] whole = put(net, 500);
      net.device.queue(TX).chain().read(DATA, 12).read(DATA + 12, 1).read(DATA + 13, 499).submit();
      net.device.exchange(TX);
      assertEquals(0, net.device.queue(TX).reapedLength());
      assertEquals(1, net.wire.sent.size());
      assertArrayEquals(whole, net.wire.sent.getFirst());
      assertEquals(1, net.device.counter("transmit.frames"));
      assertEquals(500, net.device.counter("transmit.bytes"));
    }
  }

  @Test
  void aWireWithoutHeadersDoesNotSeeTheGuests() {
    try (NetUnderTest net = NetUnderTest.withoutHeader().start(PLAIN)) {
      byte[] whole = put(net, 100);
      net.device.queue(TX).chain().read(DATA, 5).read(DATA + 5, 107).submit();
      net.device.exchange(TX);
      assertArrayEquals(Arrays.copyOfRange(whole, 12, 112), net.wire.sent.getFirst());
    }
  }

  @Test
  void framesThatCannotBeAreDroppedAndCounted() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      net.device.queue(TX).chain().read(DATA, 11).submit();
      net.device.exchange(TX);
      net.device.queue(TX).chain().read(DATA, 12 + 13).submit();
      net.device.exchange(TX);
      net.device.queue(TX).chain().read(DATA, 12).read(DATA, NetBackend.FRAME_MAX + 1).submit();
      net.device.exchange(TX);
      net.device.queue(TX).chain().write(DATA, 100).submit();
      net.device.exchange(TX);
      assertEquals(4, net.device.counter("transmit.malformed"));
      net.device.queue(TX).chain().read(DATA, 12).read(DATA, NetBackend.FRAME_MAX).submit();
      net.device.exchange(TX);
      assertEquals(1, net.wire.sent.size());
    }
  }

  @Test
  void aChainOfMoreBuffersThanACallTakesIsDropped() {
    try (NetUnderTest net = NetUnderTest.withHeader()) {
      net.start(PLAIN | Features.VIRTIO_F_RING_INDIRECT_DESC);
      var chain =
          net.device.queue(TX).chain().read(DATA, 12).read(DATA, 12).indirect(DATA + 0x8000);
      for (int i = 0; i < 1023; i++) {
        chain.read(DATA, 1);
      }
      chain.submit();
      net.device.exchange(TX);
      assertEquals(1, net.device.counter("transmit.malformed"));
      assertTrue(net.wire.sent.isEmpty());
    }
  }

  @Test
  void whatTheHostRefusesIsCountedAndTheDriversAgain() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      net.onLoop(() -> net.wire.answerSends(-Errno.EIO));
      put(net, 100);
      net.device.queue(TX).chain().read(DATA, 112).submit();
      net.device.exchange(TX);
      assertEquals(1, net.device.counter("transmit.refused"));
    }
  }

  @Test
  void aFrameThatHasNoRoomIsKeptAndSentOnceWhenThereIs() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      net.onLoop(() -> net.wire.answerSends(-Errno.EAGAIN));
      byte[] whole = put(net, 100);
      net.device.queue(TX).chain().read(DATA, 112).submit();
      net.device.queue(TX).chain().read(DATA, 111).submit();
      net.device.ring(TX);
      net.device.settle();
      assertFalse(net.device.queue(TX).reap());
      net.onLoop(() -> net.wire.answerSends(0));
      net.device.awaitUsed(TX);
      net.device.awaitUsed(TX);
      assertEquals(2, net.wire.sent.size());
      assertArrayEquals(whole, net.wire.sent.get(0));
      assertEquals(111, net.wire.sent.get(1).length);
    }
  }

  @Test
  void aKeptFrameIsForgottenByAResetAndGivenBackWhenTheWireGoes() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      net.onLoop(() -> net.wire.answerSends(-Errno.EAGAIN));
      put(net, 100);
      net.device.queue(TX).chain().read(DATA, 112).submit();
      net.device.ring(TX);
      net.device.settle();
      net.device.driver.reset();
      net.onLoop(() -> net.wire.answerSends(0));
      assertTrue(net.wire.sent.isEmpty());

      net.start(PLAIN);
      net.onLoop(() -> net.wire.answerSends(-Errno.EAGAIN));
      net.device.queue(TX).chain().read(DATA, 112).submit();
      net.device.ring(TX);
      net.device.settle();
      net.onLoop(net.wire::vanish);
      net.device.awaitUsed(TX); // the driver goes on, its link is down
      assertEquals(1, net.device.counter("unplugged.frames"));
    }
  }

  @Test
  void aWireThatGoesWhileOneIsReceivedAndABrokenQueueDoNotMeet() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      net.onLoop(() -> net.wire.answerSends(-Errno.EAGAIN));
      net.device.queue(TX).chain().read(DATA, 112).submit();
      net.device.ring(TX);
      net.device.settle();
      net.device.queue(TX).chain().read(DeviceUnderTest.RAM, 1).submit();
      net.device.queue(RX).chain().write(DATA, 2048).submit();
      net.onLoop(() -> net.wire.vanishesWhileReceiving = true);
      net.arrive(behindHeader(net.frame(60), 0));
      net.awaitReset(); // and nothing failed on the loop
    }
  }

  @Test
  void moreFramesThanATurnTakesAllGoOutInOrder() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      put(net, 1000);
      int sent = 0;
      for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 64; i++) {
          net.device.queue(TX).chain().read(DATA, 30 + sent++).submit();
        }
        net.device.ring(TX);
        for (int i = 0; i < 64; i++) {
          net.device.awaitUsed(TX);
        }
      }
      for (int i = 0; i < sent; i++) {
        assertEquals(30 + i, net.wire.sent.get(i).length);
      }
    }
  }

  @Test
  void aBatchIsOneInterrupt() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      put(net, 1000);
      for (int i = 0; i < 20; i++) {
        net.device.queue(TX).chain().read(DATA, 100).submit();
      }
      net.device.ring(TX);
      net.device.settle();
      assertEquals(1, net.device.interrupt.raised().drainPermits());
      assertEquals(20, net.wire.sent.size());
    }
  }

  @Test
  void aDriverThatDoesNotRingIsLookedAtOnceMoreAndThenAskedTo() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      put(net, 100);
      // At the end of the turn in which the first is sent, behind the queue's own part of it.
      IoHandler secondWithoutRinging =
          (state, events) -> net.device.queue(TX).chain().read(DATA, 99).submit();
      net.onLoop(() -> net.wire.onceSent = () -> net.device.loop.defer(secondWithoutRinging));
      net.device.queue(TX).chain().read(DATA, 100).submit();
      net.device.ring(TX);
      net.device.settle(); // the queue is the loop's until then
      net.device.awaitUsed(TX);
      net.device.awaitUsed(TX);
      assertEquals(2, net.wire.sent.size());
      assertEquals(0, net.device.queue(TX).usedFlags()); // it rings for the next
      net.device.queue(TX).chain().read(DATA, 98).submit();
      net.device.exchange(TX);
      assertEquals(3, net.wire.sent.size());
    }
  }

  @Test
  void aBufferOutsideOfRamBreaksTheDeviceAndSendsNothing() {
    try (NetUnderTest net = NetUnderTest.withHeader().start(PLAIN)) {
      net.device.queue(TX).chain().read(DATA, 100).read(DeviceUnderTest.RAM, 1).submit();
      net.device.ring(TX);
      net.awaitReset();
      assertTrue(net.wire.sent.isEmpty());
    }
  }
}
