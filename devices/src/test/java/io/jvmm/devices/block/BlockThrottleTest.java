package io.jvmm.devices.block;

import static io.jvmm.devices.block.DiskUnderTest.DATA;
import static io.jvmm.devices.block.DiskUnderTest.HEADER;
import static io.jvmm.devices.block.DiskUnderTest.STATUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.RateLimiter;
import io.jvmm.virtio.Features;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = DiskUnderTest.HANG_SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BlockThrottleTest {
  private static final int IN = BlockRequest.VIRTIO_BLK_T_IN;
  private static final int OUT = BlockRequest.VIRTIO_BLK_T_OUT;
  private static final int GET_ID = BlockRequest.VIRTIO_BLK_T_GET_ID;
  private static final int OK = BlockRequest.VIRTIO_BLK_S_OK;
  private static final int IOERR = BlockRequest.VIRTIO_BLK_S_IOERR;

  /** So fast that the real timer is no wait, whatever the time of the test says. */
  private static final long RATE = 1000;

  private static final long A_REQUEST = 1_000_000_000L / RATE;

  private final AtomicLong now = new AtomicLong(5);
  private final MemoryBackend backend = new MemoryBackend(1 << 20, MemoryBackend.ALL, 0);

  private DiskUnderTest disk(RateLimiter limiter, int queues) {
    BlockOptions options =
        BlockOptions.DEFAULT.withLimiter(limiter).withClock(now::get).withQueues(queues);
    return new DiskUnderTest(backend, options);
  }

  private RateLimiter operations(int burst) {
    return new RateLimiter(RATE, burst, 0, 0, now.get());
  }

  private static void submit(DiskUnderTest disk, int queue, int slot) {
    long header = HEADER + 16L * slot;
    disk.header(header, IN, queue);
    disk.queues[queue].chain().read(header, 16).write(DATA, 512).write(STATUS + slot, 1).submit();
    disk.doorbells[queue].ring();
  }

  private void awaitThrottled(DiskUnderTest disk, long more) {
    long wanted = disk.block.stats().throttled() + more;
    while (disk.block.stats().throttled() < wanted) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aBurstIsServedAndTheRestWaitsForItsTime() {
    try (DiskUnderTest disk = disk(operations(3), 1)) {
      disk.startAllPlain();
      for (int i = 0; i < 5; i++) {
        submit(disk, 0, i);
      }
      for (int i = 0; i < 3; i++) {
        disk.awaitUsed();
      }
      awaitThrottled(disk, 3); // the timer goes off, but it is not time
      assertFalse(disk.queue.reap());
      now.addAndGet(A_REQUEST);
      disk.awaitUsed();
      awaitThrottled(disk, 2);
      assertFalse(disk.queue.reap());
      now.addAndGet(A_REQUEST);
      disk.awaitUsed();
      assertEquals(5, disk.block.stats().reads());
    }
  }

  @Test
  void aRequestThatWaitedIsNotDoneBehindTheEndOfADiskThatHasShrunkMeanwhile() {
    try (DiskUnderTest disk = disk(operations(1), 1)) {
      disk.startPlain();
      assertEquals(OK, disk.request(IN, 0, 512));
      disk.header(HEADER, OUT, 2047);
      disk.queue.chain().read(HEADER, 16).read(DATA, 512).write(STATUS, 1).submit();
      disk.doorbell.ring();
      awaitThrottled(disk, 1);
      backend.setLengthOfHost(1 << 19);
      disk.block.refresh();
      now.addAndGet(A_REQUEST);
      disk.awaitUsed();
      assertEquals(IOERR, disk.memory.getByte(STATUS));
      assertEquals(0, disk.block.stats().writes());
    }
  }

  @Test
  void bytesAreCountedToo() {
    try (DiskUnderTest disk = disk(new RateLimiter(0, 0, 4096 * RATE, 8192, now.get()), 1)) {
      disk.startPlain();
      assertEquals(OK, disk.request(OUT, 0, 4096));
      assertEquals(OK, disk.request(IN, 0, 4096));
      disk.header(HEADER, IN, 0);
      disk.queue.chain().read(HEADER, 16).write(DATA, 4096).write(STATUS, 1).submit();
      disk.doorbell.ring();
      awaitThrottled(disk, 2);
      assertFalse(disk.queue.reap());
      now.addAndGet(A_REQUEST);
      disk.awaitUsed();
    }
  }

  @Test
  void aRequestAboveTheBurstPassesWhenNothingElseHas() {
    try (DiskUnderTest disk = disk(new RateLimiter(0, 0, 4096 * RATE, 512, now.get()), 1)) {
      disk.startPlain();
      assertEquals(OK, disk.request(IN, 0, 1 << 20));
    }
  }

  @Test
  void whatNeverReachesTheBackendCostsNothing() {
    try (DiskUnderTest disk = disk(operations(1), 1)) {
      disk.startPlain();
      for (int i = 0; i < 20; i++) {
        assertEquals(OK, disk.request(GET_ID, 0, 20));
        assertEquals(IOERR, disk.request(IN, -1, 512));
      }
      assertEquals(0, disk.block.stats().throttled());
    }
  }

  @Test
  void queuesTakeTurnsWhenTheyWait() {
    try (DiskUnderTest disk = disk(operations(1), 3)) {
      disk.startAllPlain();
      submit(disk, 0, 0);
      disk.awaitUsed();
      for (int queue = 0; queue < 3; queue++) {
        for (int i = 0; i < 3; i++) {
          submit(disk, queue, 3 * queue + i);
        }
      }
      awaitThrottled(disk, 4);
      backend.log().clear();
      for (int served = 0; served < 9; served++) {
        now.addAndGet(A_REQUEST);
        while (disk.block.stats().reads() < served + 2) {
          Thread.onSpinWait();
        }
        if (served < 8) {
          awaitThrottled(disk, 1); // else the next one's time comes in the midst of this turn
        }
      }
      for (int queue = 0; queue < 3; queue++) {
        for (int i = 0; i < 3; i++) {
          disk.awaitUsed(disk.queues[queue]);
        }
      }
      int[] seen = new int[3]; // each reads the sector of its number
      for (int i = 0; i < 9; i++) {
        String what = backend.log().get(i);
        seen[Integer.parseInt(what, 5, what.indexOf('+'), 10) / 512]++;
        if (i % 3 == 2) {
          assertEquals(seen[0], seen[1], backend.log()::toString);
          assertEquals(seen[1], seen[2], backend.log()::toString);
        }
      }
    }
  }

  @Test
  void anotherRateIsForWhatWaitsToo() {
    try (DiskUnderTest disk = disk(operations(1), 1)) {
      disk.startAllPlain();
      submit(disk, 0, 0);
      disk.awaitUsed();
      submit(disk, 0, 1);
      awaitThrottled(disk, 1);
      disk.block.limit(new RateLimiter(0, 0, 0, 0, now.get()));
      disk.awaitUsed();
      disk.block.limit(operations(1));
      submit(disk, 0, 2);
      disk.awaitUsed();
      submit(disk, 0, 3);
      awaitThrottled(disk, 1);
      assertFalse(disk.queue.reap());
    }
  }

  @Test
  void aQueueThatWasResetOnItsOwnKeepsNobodyWaiting() {
    try (DiskUnderTest disk = disk(operations(1), 3)) {
      disk.startAll(disk.block.deviceFeatures() & ~Features.SPLIT_RING);
      submit(disk, 0, 0);
      disk.awaitUsed();
      disk.header(HEADER + 16, BlockRequest.VIRTIO_BLK_T_DISCARD, 0);
      disk.memory.setLong(DATA, 0);
      disk.memory.setLong(DATA + 8, 8); // sectors
      disk.queue.chain().read(HEADER + 16, 16).read(DATA, 16).write(STATUS + 1, 1).submit();
      disk.doorbell.ring();
      awaitThrottled(disk, 1);
      submit(disk, 1, 2);
      disk.loop.invoke(() -> {});
      submit(disk, 2, 3);
      disk.loop.invoke(() -> {});
      disk.driver.resetQueue(1);
      disk.block.limit(new RateLimiter(0, 0, 0, 0, now.get())); // a discard is a turn's share
      disk.awaitUsed(disk.queues[2]);
      disk.awaitUsed();
    }
  }

  @Test
  void aDiskWithoutALimitGetsOneWhileItRuns() {
    try (DiskUnderTest disk =
        new DiskUnderTest(backend, BlockOptions.DEFAULT.withClock(now::get))) {
      disk.startAllPlain();
      disk.block.limit(operations(1));
      submit(disk, 0, 0);
      disk.awaitUsed();
      submit(disk, 0, 1);
      awaitThrottled(disk, 1);
      assertFalse(disk.queue.reap());
      now.addAndGet(A_REQUEST);
      disk.awaitUsed();
    }
  }

  @Test
  void aResetDoesNotWaitForTheTimeOfAHeldRequest() {
    try (DiskUnderTest disk = disk(operations(1), 2)) {
      disk.startAllPlain();
      submit(disk, 0, 0);
      disk.awaitUsed();
      submit(disk, 0, 1);
      submit(disk, 1, 2);
      awaitThrottled(disk, 2);
      disk.driver.reset(); // hangs if it waits
      assertEquals(0, backend.log().size() - 1, "what was held was not done");
      now.addAndGet(A_REQUEST);
      disk.startAllPlain();
      submit(disk, 1, 3);
      disk.awaitUsed(disk.queues[1]);
      assertTrue(disk.failures.isEmpty());
    }
  }

  @Test
  void aHeldRequestOfABrokenDiskIsForgotten() {
    try (DiskUnderTest disk = disk(operations(1), 2)) {
      disk.startAllPlain();
      submit(disk, 0, 0);
      disk.awaitUsed();
      submit(disk, 0, 1);
      awaitThrottled(disk, 1);
      now.addAndGet(A_REQUEST);
      disk.queues[1].setAvailIdx(500);
      disk.doorbells[1].ring();
      disk.awaitNeedsReset();
      disk.startAllPlain();
      now.addAndGet(A_REQUEST);
      submit(disk, 1, 3);
      disk.awaitUsed(disk.queues[1]);
    }
  }
}
