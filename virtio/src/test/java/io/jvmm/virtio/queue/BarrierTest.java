package io.jvmm.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The two store-load races of the ring, run on two cores so that both sides meet within
 * nanoseconds: at least one of the two has to see what the other has stored. (With a fence taken
 * out of the queue, these fail on x86 too.)
 */
class BarrierTest {
  private static final int ROUNDS = 20_000;
  private static final int MAX_SKEW = 60; // loop turns: about what a cache line takes to travel
  private static final int SPINS_BEFORE_PARK = 10_000;

  private volatile int begun;
  private volatile int deviceActed;
  private volatile int settled;
  private volatile int deviceTidied;
  private boolean deviceSaw;

  /** What one party does in each round. */
  private interface Side {
    /** Stores, looks, and answers whether it saw the other. */
    boolean act();

    /** Makes ready for the next round, when both have looked. */
    void tidy();
  }

  /** Runs both sides in every round at the same time; counts rounds in which neither saw. */
  private int race(Side device, Side driver) throws InterruptedException {
    Thread thread = Thread.ofPlatform().start(() -> runDevice(device));
    Random random = new Random(3);
    int lost = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      int skew = random.nextInt(MAX_SKEW);
      begun = round;
      for (int i = 0; i < skew && begun == round; i++) {} // a volatile read a turn
      boolean driverSaw = driver.act();
      for (int spins = 0; deviceActed != round; spins++) {
        pause(spins);
        assertTrue(goesOn(thread, spins) || deviceActed == round, "the device's side failed");
      }
      lost += driverSaw || deviceSaw ? 0 : 1;
      settled = round;
      for (int spins = 0; deviceTidied != round; spins++) {
        pause(spins);
        assertTrue(goesOn(thread, spins) || deviceTidied == round, "the device's side failed");
      }
      driver.tidy();
    }
    thread.join();
    return lost;
  }

  private void runDevice(Side device) {
    for (int round = 1; round <= ROUNDS; round++) {
      for (int spins = 0; begun != round; spins++) {
        pause(spins);
      }
      deviceSaw = device.act();
      deviceActed = round;
      for (int spins = 0; settled != round; spins++) {
        pause(spins);
      }
      device.tidy();
      deviceTidied = round;
    }
  }

  /** Whether more can be hoped for; a thread that has ended may have done its last round before. */
  private static boolean goesOn(Thread thread, int spins) {
    return spins < SPINS_BEFORE_PARK || thread.isAlive();
  }

  private static void pause(int spins) {
    if (spins < SPINS_BEFORE_PARK) {
      Thread.onSpinWait();
    } else {
      LockSupport.parkNanos(1); // fewer cores than threads
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eitherTheDeviceSeesTheChainOrTheDriverRings(boolean eventIdx) throws Exception {
    try (GuestMemory memory = memory()) {
      DriverQueue driver = driver(memory, eventIdx);
      SplitQueue queue = queue(memory, driver, eventIdx);
      driver.setDescriptor(0, 0x8000, 16, 0, 0);
      int lost =
          race(
              new Side() {
                @Override
                public boolean act() {
                  return queue.rearm();
                }

                @Override
                public void tidy() {
                  assertEquals(SplitQueue.CHAIN, queue.poll());
                  queue.push(queue.chain().head(), 0);
                  queue.disarm();
                }
              },
              new Side() {
                @Override
                public boolean act() {
                  int before = driver.availIdx();
                  driver.offer(0);
                  return driver.mustRing(before);
                }

                @Override
                public void tidy() {}
              });
      assertEquals(0, lost);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eitherTheDriverSeesTheUsedChainOrTheDeviceInterrupts(boolean eventIdx) throws Exception {
    try (GuestMemory memory = memory()) {
      DriverQueue driver = driver(memory, eventIdx);
      SplitQueue queue = queue(memory, driver, eventIdx);
      driver.setNoInterrupt(true);
      int lost =
          race(
              new Side() {
                @Override
                public boolean act() {
                  queue.push(0, 0);
                  return queue.publish();
                }

                @Override
                public void tidy() {}
              },
              new Side() {
                @Override
                public boolean act() {
                  return driver.waitForUsed();
                }

                @Override
                public void tidy() {
                  assertTrue(driver.reap());
                  driver.setNoInterrupt(true);
                }
              });
      assertEquals(0, lost);
    }
  }

  private static GuestMemory memory() {
    return GuestMemory.allocate(1 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  }

  private static DriverQueue driver(GuestMemory memory, boolean eventIdx) {
    DriverQueue driver = new DriverQueue(memory, 0x1000, 2);
    return eventIdx ? driver.withEventIdx() : driver;
  }

  private static SplitQueue queue(GuestMemory memory, DriverQueue driver, boolean eventIdx) {
    return new SplitQueue(memory, driver.config(), eventIdx ? Features.VIRTIO_F_RING_EVENT_IDX : 0);
  }
}
