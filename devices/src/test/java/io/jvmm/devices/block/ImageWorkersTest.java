package io.jvmm.devices.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ImageWorkersTest {
  private static BackendDriver.End end(int token, int result) {
    return new BackendDriver.End(token, result);
  }

  private static void begin(BackendDriver driver, int count) {
    driver.onLoop(
        state -> {
          for (int i = 0; i < count; i++) {
            assertEquals(BlockBackend.PENDING, driver.backend.flush(state, i));
          }
          driver.backend.submit(state);
          return 0;
        });
  }

  @Test
  void eachOperationReachesTheImageWithItsNumbers() {
    ScriptedImage image = new ScriptedImage(true);
    image.mayEnd.release(100);
    try (BackendDriver driver = new BackendDriver(new ImageWorkers(image))) {
      assertEquals(BlockBackend.DONE, driver.read(0x1000, 512, 1024));
      assertEquals(BlockBackend.DONE, driver.write(0x1000, 1024, 512));
      assertEquals(BlockBackend.DONE, driver.flush());
      assertEquals(
          BlockBackend.DONE, driver.perform(s -> driver.backend.discard(s, 4096, 8192, 0)));
      assertEquals(
          BlockBackend.DONE, driver.perform(s -> driver.backend.writeZeroes(s, 0, 512, false, 0)));
      assertEquals(
          BlockBackend.DONE, driver.perform(s -> driver.backend.writeZeroes(s, 0, 1024, true, 0)));
    }
    assertEquals(
        List.of(
            "read 1024+512",
            "write 512+1024",
            "flush",
            "discard 4096+8192",
            "zeroes 0+512",
            "zeroes 0+1024 or discard"),
        image.log);
    assertTrue(image.closed);
  }

  @Test
  void whatTheImageIsItIs() {
    ScriptedImage image = new ScriptedImage(false);
    try (ImageWorkers workers = new ImageWorkers(image)) {
      assertEquals(ScriptedImage.LENGTH, workers.length());
      assertEquals(image.limits(), workers.limits());
      assertEquals("scripted", workers.name());
      assertFalse(workers.isReadOnly());
    }
    assertTrue(image.closed, "also where nothing was ever done");
  }

  @Test
  void anErrorIsTold() {
    ScriptedImage image = new ScriptedImage(true);
    image.mayEnd.release();
    image.answer = -Errno.ENOSPC;
    try (BackendDriver driver = new BackendDriver(new ImageWorkers(image))) {
      assertEquals(-Errno.ENOSPC, driver.write(0, 512, 0));
    }
  }

  @Test
  void anImageThatIsForOneThreadHasOne() {
    ScriptedImage image = new ScriptedImage(false);
    image.mayEnd.release(50);
    try (BackendDriver driver = new BackendDriver(new ImageWorkers(image))) {
      begin(driver, 50);
      for (int i = 0; i < 50; i++) {
        assertEquals(end(i, BlockBackend.DONE), driver.nextEnd(), "in the order they came");
      }
    }
    assertEquals(1, image.mostRunning.get());
  }

  @Test
  void asMuchAsCanBePendingIsDoneByABoundedNumberOfThreads() throws InterruptedException {
    ScriptedImage image = new ScriptedImage(true);
    try (BackendDriver driver = new BackendDriver(new ImageWorkers(image))) {
      int count = driver.backend.maxPending();
      begin(driver, count);
      image.begun.acquire(ImageWorkers.THREADS_MAX); // all of them are inside
      image.mayEnd.release(count);
      Set<Integer> ended = new TreeSet<>();
      for (int i = 0; i < count; i++) {
        assertTrue(ended.add(driver.nextEnd().token()));
      }
    }
    assertEquals(ImageWorkers.THREADS_MAX, image.mostRunning.get());
  }

  @Test
  void aStuckOperationHoldsUpNeitherTheLoopNorOthers() throws InterruptedException {
    ScriptedImage image = new ScriptedImage(true);
    try (BackendDriver driver = new BackendDriver(new ImageWorkers(image))) {
      begin(driver, 2);
      image.begun.acquire(2);
      image.mayEnd.release(1);
      int first = driver.nextEnd().token();
      assertEquals(7, driver.onLoop(state -> 7));
      image.mayEnd.release(1);
      assertEquals(1 - first, driver.nextEnd().token());
    }
  }

  @Test
  void cancellingEndsWhatHasNotBegun() throws InterruptedException {
    ScriptedImage image = new ScriptedImage(false);
    try (BackendDriver driver = new BackendDriver(new ImageWorkers(image))) {
      begin(driver, 3);
      image.begun.acquire();
      driver.onLoop(
          state -> {
            driver.backend.cancel(state);
            return 0;
          });
      image.mayEnd.release(); // the host lets go of the one that was stuck
      assertEquals(end(0, BlockBackend.DONE), driver.nextEnd());
      assertEquals(end(1, -Errno.ECANCELED), driver.nextEnd());
      assertEquals(end(2, -Errno.ECANCELED), driver.nextEnd());
      image.mayEnd.release();
      assertEquals(BlockBackend.DONE, driver.flush(), "what comes afterwards is as any");
    }
    assertEquals(2, image.log.size());
  }

  @Test
  void aMistakeInAnImageIsToldAndAnsweredAndTheThreadsGoOn() {
    ScriptedImage image = new ScriptedImage(false);
    image.mayEnd.release(2);
    image.mistaken = true;
    BackendDriver driver = new BackendDriver(new ImageWorkers(image));
    try (driver) {
      assertEquals(-Errno.EIO, driver.flush());
      image.mistaken = false;
      assertEquals(BlockBackend.DONE, driver.flush());
      assertEquals(0, driver.onLoop(state -> 0));
      assertEquals(
          List.of("task: java.lang.IllegalStateException: a mistake in flush"), driver.failures);
      driver.failures.clear();
    }
  }
}
