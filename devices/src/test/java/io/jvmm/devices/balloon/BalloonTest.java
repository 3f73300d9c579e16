package io.jvmm.devices.balloon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.driver.HostileDriver;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BalloonTest {
  private static final long DATA = DeviceUnderTest.DATA;
  private static final long PAGES = 0x400000;
  private static final int PAGE = 4096;
  private static final int INFLATE = 0;
  private static final int DEFLATE = 1;
  private static final int STATS = 2;
  private static final int REPORTING = 4;

  private static DeviceUnderTest balloon() {
    return new DeviceUnderTest(Balloon::new).start();
  }

  private static Balloon device(DeviceUnderTest test) {
    return (Balloon) test.device;
  }

  /** Fills pages from {@link #PAGES} on, so that one sees which are gone. */
  private static void touch(DeviceUnderTest test, int count) {
    test.memory.fill(PAGES, (long) count * PAGE, (byte) 7);
  }

  private static boolean isGone(DeviceUnderTest test, long page) {
    return test.memory.getByte(PAGES + page * PAGE) == 0
        && test.memory.getByte(PAGES + page * PAGE + PAGE - 1) == 0;
  }

  private static void pfns(DeviceUnderTest test, int... pfns) {
    for (int i = 0; i < pfns.length; i++) {
      test.memory.setInt(DATA + 4L * i, pfns[i]);
    }
  }

  private static int pfn(int page) {
    return (int) (PAGES / PAGE) + page;
  }

  @Test
  void inflatedPagesAreGoneAndTheirNeighboursAreNot() {
    try (DeviceUnderTest test = balloon()) {
      assertEquals(5, test.driver.get(0x008));
      touch(test, 8);
      pfns(test, pfn(1), pfn(2), pfn(3), pfn(6));
      test.queue(INFLATE).chain().read(DATA, 16).submit();
      test.exchange(INFLATE);
      for (int page = 0; page < 8; page++) {
        boolean ballooned = page == 1 || page == 2 || page == 3 || page == 6;
        assertEquals(ballooned, isGone(test, page), "page " + page);
      }
      assertEquals(4L * PAGE, test.counter("inflate.released.bytes"));
      assertEquals(2, test.counter("inflate.release.calls"), "neighbours go together");
    }
  }

  @Test
  void neighboursInFallingOrderGoTogetherToo() {
    try (DeviceUnderTest test = balloon()) {
      touch(test, 4);
      pfns(test, pfn(3), pfn(2), pfn(1));
      test.queue(INFLATE).chain().read(DATA, 12).submit();
      test.exchange(INFLATE);
      assertTrue(isGone(test, 1) && isGone(test, 2) && isGone(test, 3));
      assertEquals(1, test.counter("inflate.release.calls"));
    }
  }

  @Test
  void numbersMayBeCutIntoBuffersAnywhere() {
    try (DeviceUnderTest test = balloon()) {
      touch(test, 4);
      pfns(test, pfn(0), pfn(2));
      test.queue(INFLATE)
          .chain()
          .read(DATA, 1)
          .read(DATA + 1, 5)
          .read(DATA + 6, 1)
          .read(DATA + 7, 1)
          .submit();
      test.exchange(INFLATE);
      assertTrue(isGone(test, 0) && isGone(test, 2));
      assertTrue(!isGone(test, 1) && !isGone(test, 3));
    }
  }

  @Test
  void pagesThatAreNoneAreCountedAndTheOthersStillGo() {
    try (DeviceUnderTest test = balloon()) {
      touch(test, 2);
      int beyond = (int) (DeviceUnderTest.RAM / PAGE);
      pfns(test, beyond, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, pfn(0), beyond - 1, beyond);
      test.queue(INFLATE).chain().read(DATA, 28).submit();
      test.exchange(INFLATE);
      assertTrue(isGone(test, 0));
      assertEquals(2L * PAGE, test.counter("inflate.released.bytes"));
      assertEquals(5, test.counter("refused"));
    }
  }

  @Test
  void aChainOfEndlessNumbersIsTakenUpToALimit() {
    try (DeviceUnderTest test = balloon()) {
      test.memory.fill(DATA, 1 << 20, (byte) 0xff); // 262144 times no page
      test.queue(INFLATE).chain().read(DATA, 1 << 20).submit();
      test.exchange(INFLATE);
      assertEquals(PageNumbers.CHAIN_MAX, test.counter("refused"));
    }
  }

  @Test
  void pagesThatComeBackAreCounted() {
    try (DeviceUnderTest test = balloon()) {
      test.queue(DEFLATE).chain().read(DATA, 400).submit();
      test.exchange(DEFLATE);
      assertEquals(100, test.counter("deflate.pages"));
    }
  }

  @Test
  void reportedPagesAreGoneAndPartsOfPagesStay() {
    try (DeviceUnderTest test = balloon()) {
      touch(test, 8);
      test.queue(REPORTING)
          .chain()
          .write(PAGES + PAGE - 1, 2 * PAGE + 1)
          .write(PAGES + 5 * PAGE, PAGE + 1)
          .write(PAGES + 7 * PAGE + 1, 4094)
          .submit();
      test.exchange(REPORTING);
      for (int page = 0; page < 8; page++) {
        assertEquals(page == 1 || page == 2 || page == 5, isGone(test, page), "page " + page);
      }
      assertEquals(3L * PAGE, test.counter("report.released.bytes"));
      assertEquals(1, test.counter("refused"));
    }
  }

  @Test
  void aDriverThatCountsOnlyItsOwnQueuesReportsOnTheOneBefore() {
    long plain = BalloonConfig.FEATURES & ~Features.SPLIT_RING;
    try (DeviceUnderTest test = new DeviceUnderTest(Balloon::new)) {
      test.start(plain, 0, 1, 2, 3);
      touch(test, 1);
      test.queue(3).chain().write(PAGES, PAGE).submit();
      test.exchange(3);
      assertTrue(isGone(test, 0));

      test.start(plain & ~BalloonConfig.VIRTIO_BALLOON_F_STATS_VQ, 0, 1, 2);
      touch(test, 1);
      test.queue(2).chain().write(PAGES, PAGE).submit();
      test.exchange(2);
      assertTrue(isGone(test, 0));
    }
  }

  @Test
  void theTargetReachesTheDriverAndItsAnswerTheOwner() {
    try (DeviceUnderTest test = balloon()) {
      int before = test.driver.get(0x0fc);
      device(test).setTarget(5L * PAGE + 1);
      test.awaitInterrupt();
      assertEquals(2, test.driver.get(0x060) & 2);
      assertTrue(test.driver.get(0x0fc) != before, "the generation goes on");
      assertEquals(5, test.driver.get(0x100));
      assertEquals(5, test.transport.read(0x100, 8));
      assertEquals(5L * PAGE, device(test).target());
      test.transport.write(0x104, 4, 3);
      assertEquals(3L * PAGE, device(test).size());
      assertEquals(3, test.driver.get(0x104));
      test.transport.write(0x100, 4, 9); // not the driver's
      assertEquals(5, test.driver.get(0x100));
      assertEquals(0, test.transport.read(0x108, 8));
      test.driver.reset();
      assertEquals(0, device(test).size());
    }
  }

  private static void stat(DeviceUnderTest test, long at, int tag, long value) {
    test.memory.setShort(at, (short) tag);
    test.memory.setLong(at + 2, value);
  }

  private static BalloonStatistics ask(DeviceUnderTest test) {
    try {
      BalloonStatistics answer = device(test).statistics(60_000);
      assertNotNull(answer);
      return answer;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void statisticsAreAskedForAndAnswered() throws Exception {
    try (DeviceUnderTest test = balloon()) {
      stat(test, DATA, 4, 1000);
      test.queue(STATS).chain().read(DATA, 10).submit();
      test.ring(STATS);
      test.settle();
      assertEquals(0, test.queue(STATS).usedIdx(), "the device keeps it");

      CompletableFuture<BalloonStatistics> asked = CompletableFuture.supplyAsync(() -> ask(test));
      test.awaitUsed(STATS);
      stat(test, DATA, 4, 2000);
      stat(test, DATA + 10, 5, 4000);
      stat(test, DATA + 20, 77, 5);
      test.queue(STATS).chain().read(DATA, 13).read(DATA + 13, 18).submit(); // a torn one last
      test.ring(STATS);
      BalloonStatistics answer = asked.get(60, TimeUnit.SECONDS);
      assertEquals(2000, answer.freeMemory());
      assertEquals(4000, answer.totalMemory());
      assertEquals(BalloonStatistics.UNKNOWN, answer.swapIn());
    }
  }

  @Test
  void aGuestThatDoesNotAnswerHasOldStatisticsOrNone() throws Exception {
    try (DeviceUnderTest test = balloon()) {
      assertNull(device(test).statistics(1));
      stat(test, DATA, 4, 1000);
      test.queue(STATS).chain().read(DATA, 10).submit();
      test.ring(STATS);
      test.settle();
      BalloonStatistics old = device(test).statistics(1);
      assertNotNull(old);
      assertEquals(1000, old.freeMemory());
    }
  }

  @Test
  void aStatisticsBufferOfAnyLengthIsReadUpToALimit() {
    try (DeviceUnderTest test = balloon()) {
      for (int i = 0; i < 3; i++) {
        test.queue(STATS).chain().read(DATA, 8 << 20).read(DATA, 4 << 20).submit();
      }
      test.ring(STATS);
      test.awaitUsed(STATS); // one is kept, what is more comes back
      test.awaitUsed(STATS);
      assertEquals(3, test.counter("statistics"));
    }
  }

  @Test
  void aKeptBufferIsNotAnsweredAfterAReset() throws Exception {
    try (DeviceUnderTest test = balloon()) {
      test.queue(STATS).chain().read(DATA, 10).submit();
      test.ring(STATS);
      test.settle();
      test.start();
      assertNotNull(device(test).statistics(1));
      assertEquals(0, test.queue(STATS).usedIdx());
    }
  }

  @Test
  void theHoleBetweenTheRegionsIsNotReleased() {
    GuestMemory memory =
        GuestMemory.allocate(24 << 20, DeviceUnderTest.RAM, 32 << 20, GuestMemory.Backing.MEMFD);
    try (DeviceUnderTest test = new DeviceUnderTest(Balloon::new, memory).start()) {
      int holeStart = (int) (DeviceUnderTest.RAM / PAGE);
      int holeEnd = (32 << 20) / PAGE;
      memory.fill(DeviceUnderTest.RAM - PAGE, PAGE, (byte) 7);
      memory.fill(32 << 20, PAGE, (byte) 7);
      pfns(test, holeStart - 1, holeStart, holeEnd - 1, holeEnd);
      test.queue(INFLATE).chain().read(DATA, 16).submit();
      test.exchange(INFLATE);
      assertEquals(2, test.counter("refused"));
      assertEquals(0, memory.getByte(DeviceUnderTest.RAM - PAGE));
      assertEquals(0, memory.getByte(32 << 20));
    }
  }

  @Test
  void noiseOnEveryRingNeverStopsTheLoop() {
    Random random = new Random(13);
    try (DeviceUnderTest test = balloon()) {
      for (int round = 0; round < 1000; round++) {
        for (int queue = 0; queue < 5; queue++) {
          new HostileDriver(test.queue(queue)).noise(random, DeviceUnderTest.RAM, 0x80000);
          test.ring(queue);
        }
        if (random.nextInt(4) == 0) {
          device(test).setTarget(random.nextLong());
        }
        test.settle();
        test.start();
      }
      touch(test, 1);
      pfns(test, pfn(0));
      test.queue(INFLATE).chain().read(DATA, 4).submit();
      test.exchange(INFLATE);
      assertTrue(isGone(test, 0));
      assertTrue(test.counter("needs_reset") > 100, () -> "" + test.counter("needs_reset"));
    }
  }
}
