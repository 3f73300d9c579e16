package io.jvmm.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.DriverQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Driver and device on two threads that sleep whenever the rings say so. A missing or misplaced
 * barrier loses a wake-up, and both sleep for ever.
 */
class WakeUpTest {
  private static final int CHAINS = 200_000;
  private static final int HANG_SECONDS = 60;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noWakeUpIsLost(boolean eventIdx) throws Exception {
    try (GuestMemory memory =
        GuestMemory.allocate(1 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS)) {
      DriverQueue driver = new DriverQueue(memory, 0x1000, 16);
      if (eventIdx) {
        driver.withEventIdx();
      }
      long features = eventIdx ? Features.VIRTIO_F_RING_EVENT_IDX : 0;
      SplitQueue queue = new SplitQueue(memory, driver.config(), features);
      Semaphore doorbell = new Semaphore(0);
      Semaphore interrupt = new Semaphore(0);
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread device =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      serve(memory, queue, doorbell, interrupt);
                    } catch (Throwable e) {
                      failure.set(e);
                    }
                  });
      drive(memory, driver, doorbell, interrupt);
      device.join();
      assertNull(failure.get());
    }
  }

  private static void serve(
      GuestMemory memory, SplitQueue queue, Semaphore doorbell, Semaphore interrupt)
      throws InterruptedException {
    int done = 0;
    while (done < CHAINS) {
      queue.disarm();
      while (queue.poll() == SplitQueue.CHAIN) {
        assertTrue(queue.chain().next());
        assertEquals(done, memory.getInt(queue.chain().gpa())); // payload came with the chain
        assertTrue(queue.chain().next());
        memory.setInt(queue.chain().gpa(), ~done);
        queue.push(queue.chain().head(), 4);
        if (queue.publish()) {
          interrupt.release();
        }
        done++;
      }
      assertNull(queue.brokenReason());
      if (!queue.rearm() && done < CHAINS) {
        assertTrue(doorbell.tryAcquire(HANG_SECONDS, TimeUnit.SECONDS), "a doorbell was lost");
        doorbell.drainPermits();
      }
    }
  }

  private static void drive(
      GuestMemory memory, DriverQueue driver, Semaphore doorbell, Semaphore interrupt)
      throws InterruptedException {
    int sent = 0;
    int received = 0;
    while (received < CHAINS) {
      driver.setNoInterrupt(true);
      while (driver.reap()) {
        assertEquals(~received, memory.getInt(slot(driver.reapedHead()) + 4));
        received++;
      }
      while (sent < CHAINS && driver.freeCount() >= 2) {
        int before = driver.availIdx();
        // The first free descriptor is the head, and the head names the slot of the payload.
        DriverQueue.Chain chain = driver.chain();
        int head = driver.firstFree();
        memory.setInt(slot(head), sent);
        chain.read(slot(head), 4).write(slot(head) + 4, 4).submit();
        sent++;
        if (driver.mustRing(before)) {
          doorbell.release();
        }
      }
      if (received < CHAINS && !driver.waitForUsed()) {
        assertTrue(interrupt.tryAcquire(HANG_SECONDS, TimeUnit.SECONDS), "an interrupt was lost");
        interrupt.drainPermits();
      }
    }
  }

  private static long slot(int head) {
    return 0x8000 + 8L * head;
  }
}
