package io.jvmm.devices.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteRingTest {
  @Test
  void aFullRingTakesNoMore() {
    try (ByteRing ring = new ByteRing(4)) {
      for (int i = 0; i < 4; i++) {
        assertTrue(ring.put((byte) i));
      }
      assertFalse(ring.put((byte) 4));
      assertEquals(0, ring.free());
      assertEquals(4, ring.available());
      assertEquals(0, ring.take());
      assertTrue(ring.put((byte) 4));
      assertEquals(1, ring.take());
    }
  }

  @Test
  void aPieceEndsWhereTheRingTurns() {
    try (ByteRing ring = new ByteRing(8)) {
      for (int i = 0; i < 6; i++) {
        ring.put((byte) i);
      }
      long start = ring.address();
      ring.skip(6);
      assertEquals(start + 6, ring.address());
      for (int i = 0; i < 5; i++) {
        ring.put((byte) (10 + i));
      }
      assertEquals(2, ring.contiguous());
      assertEquals(14, ring.peek(4));
      ring.skip(2);
      assertEquals(3, ring.contiguous());
      assertEquals(start, ring.address());
      assertEquals(12, ring.take());
    }
  }

  @Test
  void itBehavesAsAQueueOfBytes() {
    Random random = new Random(1);
    ArrayDeque<Byte> model = new ArrayDeque<>();
    try (ByteRing ring = new ByteRing(16)) {
      for (int i = 0; i < 5000; i++) {
        if (random.nextBoolean()) {
          byte value = (byte) i;
          boolean taken = ring.put(value);
          assertEquals(model.size() < 16, taken);
          if (taken) {
            model.add(value);
          }
        } else if (!model.isEmpty()) {
          assertEquals(model.remove(), ring.take());
        }
        assertEquals(model.size(), ring.available());
        assertEquals(16 - model.size(), ring.free());
      }
    }
  }

  @Test
  void twoThreadsLoseAndInventNothing() throws Exception {
    int count = 200_000;
    try (ByteRing ring = new ByteRing(64)) {
      Thread producer =
          new Thread(
              () -> {
                for (int i = 0; i < count; i++) {
                  while (!ring.put((byte) (i * 31))) {
                    Thread.onSpinWait();
                  }
                }
              });
      producer.start();
      for (int i = 0; i < count; i++) {
        while (ring.available() == 0) {
          Thread.onSpinWait();
        }
        assertEquals((byte) (i * 31), ring.take());
      }
      producer.join();
      assertEquals(0, ring.available());
    }
  }

  @Test
  void aCapacityThatIsNoPowerOfTwoIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new ByteRing(12));
    assertThrows(IllegalArgumentException.class, () -> new ByteRing(0));
  }
}
