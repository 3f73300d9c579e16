package io.jvmm.devices.rng;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import io.jvmm.virtio.driver.HostileDriver;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RngTest {
  private static final long DATA = DeviceUnderTest.DATA;

  private static DeviceUnderTest rng() {
    return new DeviceUnderTest(Rng::new).start();
  }

  private static byte[] guest(DeviceUnderTest rng, long gpa, int length) {
    byte[] bytes = new byte[length];
    rng.memory.read(gpa, bytes, 0, length);
    return bytes;
  }

  @Test
  void aBufferIsFilledAndTwoAreNotTheSame() {
    try (DeviceUnderTest rng = rng()) {
      assertEquals(4, rng.driver.get(0x008));
      rng.queue(0).chain().write(DATA, 64).submit();
      rng.exchange(0);
      assertEquals(64, rng.queue(0).reapedLength());
      rng.queue(0).chain().write(DATA + 64, 32).write(DATA + 96, 32).submit();
      rng.exchange(0);
      assertEquals(64, rng.queue(0).reapedLength());
      assertFalse(Arrays.equals(guest(rng, DATA, 64), guest(rng, DATA + 64, 64)));
      assertFalse(Arrays.equals(new byte[32], guest(rng, DATA + 96, 32)));
      assertArrayEquals(new byte[64], guest(rng, DATA + 128, 64));
      assertEquals(2, rng.counter("read.requests"));
      assertEquals(128, rng.counter("read.bytes"));
    }
  }

  @Test
  void itsQueueIsResetAndMadeAnewWhileTheDeviceLives() {
    try (DeviceUnderTest rng = new DeviceUnderTest(Rng::new)) {
      rng.start(Features.VIRTIO_F_VERSION_1 | Features.VIRTIO_F_RING_RESET);
      rng.queue(0).chain().write(DATA, 16).submit();
      rng.exchange(0);
      rng.driver.resetQueue(0);
      rng.queue(0).chain().write(DATA + 64, 16).submit();
      rng.ring(0);
      rng.settle();
      assertArrayEquals(new byte[16], guest(rng, DATA + 64, 16)); // nobody serves it

      DriverQueue anew = new DriverQueue(rng.memory, 0x8000, 4);
      anew.chain().write(DATA + 128, 16).submit();
      rng.driver.program(0, anew.config()); // with a chain in it, and no bell
      rng.settle();
      assertTrue(anew.reap());
      assertEquals(16, anew.reapedLength());
      assertFalse(Arrays.equals(new byte[16], guest(rng, DATA + 128, 16)));
    }
  }

  @Test
  void aLongRequestGetsAShortAnswer() {
    try (DeviceUnderTest rng = rng()) {
      rng.queue(0).chain().write(DATA, 1 << 20).write(DATA, 1 << 20).submit();
      rng.exchange(0);
      assertEquals(RngQueue.ANSWER_MAX, rng.queue(0).reapedLength());
      assertArrayEquals(
          new byte[4096], guest(rng, DATA + RngQueue.ANSWER_MAX, 4096), "beyond the answer");
    }
  }

  @Test
  void aRequestWithNoRoomGetsNothingAndReadableBuffersStayAsTheyAre() {
    try (DeviceUnderTest rng = rng()) {
      rng.queue(0).chain().read(DATA, 64).submit();
      rng.exchange(0);
      assertEquals(0, rng.queue(0).reapedLength());
      rng.queue(0).chain().read(DATA, 64).write(DATA + 64, 16).submit();
      rng.exchange(0);
      assertEquals(16, rng.queue(0).reapedLength());
      assertArrayEquals(new byte[64], guest(rng, DATA, 64));
    }
  }

  @Test
  void moreRequestsThanATurnTakesAreAllAnswered() {
    try (DeviceUnderTest rng = rng()) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 8; i++) {
          rng.queue(0).chain().write(DATA + 16L * i, 16).submit();
        }
        rng.ring(0);
        for (int i = 0; i < 8; i++) {
          rng.awaitUsed(0);
        }
      }
      assertEquals(24, rng.counter("read.requests"));
    }
  }

  @Test
  void afterAResetABellMovesNothingAndANewDriverIsServed() {
    try (DeviceUnderTest rng = rng()) {
      rng.driver.reset();
      rng.queue(0).chain().write(DATA, 16).submit();
      rng.ring(0);
      rng.settle();
      assertEquals(0, rng.queue(0).usedIdx());
      rng.start();
      rng.queue(0).chain().write(DATA, 16).submit();
      rng.exchange(0);
      assertEquals(16, rng.queue(0).reapedLength());
    }
  }

  @Test
  void noiseOnTheRingNeverStopsTheLoop() {
    Random random = new Random(7);
    try (DeviceUnderTest rng = rng()) {
      for (int round = 0; round < 2000; round++) {
        new HostileDriver(rng.queue(0)).noise(random, DeviceUnderTest.RAM, 0x80000);
        rng.ring(0);
        rng.settle();
        rng.start();
      }
      rng.queue(0).chain().write(DATA, 16).submit();
      rng.exchange(0);
      assertEquals(16, rng.queue(0).reapedLength());
      assertTrue(rng.counter("needs_reset") > 100, () -> "" + rng.counter("needs_reset"));
    }
  }
}
