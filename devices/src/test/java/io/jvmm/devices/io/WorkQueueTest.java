package io.jvmm.devices.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkQueueTest {
  private static final int ROUNDS = 20_000;
  private static final int WORKERS = 4;
  private static final int ALONE = 500;

  private final CallState state = CallState.current();

  @Test
  void nobodyIsWokenWhereNobodySleeps() {
    try (WorkQueue<Integer> queue = new WorkQueue<>(8)) {
      assertTrue(queue.offer(1));
      assertEquals(1, queue.wake(state, 1));
      assertEquals(1, queue.take(state));
    }
  }

  @Test
  void asManyAreWokenAsThereArePieces() {
    try (WorkQueue<Integer> queue = new WorkQueue<>(8)) {
      for (int i = 0; i < 3; i++) {
        assertTrue(queue.doze());
      }
      assertEquals(2, queue.claimSleepers(2));
      assertEquals(1, queue.claimSleepers(2));
      assertEquals(0, queue.claimSleepers(2));
    }
  }

  @Test
  void aWorkerThatFindsWorkBeforeItSleepsIsNoSleeper() {
    try (WorkQueue<Integer> queue = new WorkQueue<>(8)) {
      assertTrue(queue.offer(1));
      assertFalse(queue.doze());
      assertTrue(queue.rouse());
      assertEquals(0, queue.claimSleepers(1));
      assertFalse(queue.rouse());
    }
  }

  @Test
  void aFullQueueSaysSo() {
    try (WorkQueue<Integer> queue = new WorkQueue<>(2)) {
      assertTrue(queue.offer(1));
      assertTrue(queue.offer(2));
      assertFalse(queue.offer(3));
    }
  }

  @Test
  void whatIsLeftAtTheStopIsDoneFirst() {
    try (WorkQueue<Integer> queue = new WorkQueue<>(8)) {
      assertTrue(queue.offer(1));
      queue.stop(state, 1);
      assertEquals(1, queue.take(state));
      assertNull(queue.take(state));
    }
  }

  @Test
  void manyWorkersGetEachPieceOnceAndNoneSleepsThroughIt() throws InterruptedException {
    try (WorkQueue<Integer> queue = new WorkQueue<>(8)) {
      AtomicLong sum = new AtomicLong();
      AtomicInteger taken = new AtomicInteger();
      List<Thread> workers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        workers.add(Thread.ofPlatform().start(() -> takeAll(queue, sum, taken)));
      }
      for (int round = 0; round < ROUNDS; round++) {
        int batch = 1 + round % 5;
        int before = taken.get();
        for (int i = 0; i < batch; i++) {
          assertTrue(queue.offer(1));
        }
        queue.wake(state, batch);
        while (taken.get() - before < batch) { // a lost wake-up would keep it here
          Thread.onSpinWait();
        }
      }
      queue.stop(state, workers.size());
      for (Thread worker : workers) {
        worker.join();
      }
      assertEquals(sum.get(), taken.get());
    }
  }

  @Test
  void aPieceWakesOneWorkerAndLetsTheOthersSleep() throws Exception {
    try (WorkQueue<Integer> queue = new WorkQueue<>(8)) {
      AtomicLong sum = new AtomicLong();
      AtomicInteger taken = new AtomicInteger();
      List<Thread> workers = new ArrayList<>();
      List<Path> tasks = Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < WORKERS; i++) {
        workers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      tasks.add(ownTask());
                      takeAll(queue, sum, taken);
                    }));
      }
      while (tasks.size() < WORKERS) {
        Thread.onSpinWait();
      }
      long before = sleeps(tasks);
      for (int piece = 0; piece < ALONE; piece++) {
        awaitSleep(tasks);
        assertTrue(queue.offer(1));
        assertEquals(0, queue.wake(state, 1), "all sleep");
        while (taken.get() == piece) {
          Thread.onSpinWait();
        }
      }
      awaitSleep(tasks);
      long woken = sleeps(tasks) - before;
      queue.stop(state, WORKERS);
      for (Thread worker : workers) {
        worker.join();
      }
      assertTrue(woken < 2 * ALONE, () -> ALONE + " pieces have woken workers so often: " + woken);
    }
  }

  private static Path ownTask() {
    try {
      return Path.of("/proc/thread-self").toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitSleep(List<Path> tasks) throws IOException {
    for (Path task : tasks) {
      while (!Files.readString(task.resolve("stat")).contains(") S ")) {
        Thread.onSpinWait();
      }
    }
  }

  private static long sleeps(List<Path> tasks) throws IOException {
    long sleeps = 0;
    for (Path task : tasks) {
      for (String line : Files.readAllLines(task.resolve("status"))) {
        if (line.startsWith("voluntary_ctxt_switches:")) {
          sleeps += Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
        }
      }
    }
    return sleeps;
  }

  private static void takeAll(WorkQueue<Integer> queue, AtomicLong sum, AtomicInteger taken) {
    CallState own = CallState.current();
    Integer piece;
    while ((piece = queue.take(own)) != null) {
      sum.addAndGet(piece);
      taken.incrementAndGet();
    }
  }
}
