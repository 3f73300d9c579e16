package io.jvmm.host.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ThreadSignalsTest {
  private static final int SIGURG = ThreadSignals.SIGURG;

  @Test
  void aSignalWaitsForItsThreadToTakeIt() throws Exception {
    SynchronousQueue<Integer> ids = new SynchronousQueue<>();
    CountDownLatch sent = new CountDownLatch(1);
    List<Boolean> taken = new ArrayList<>();
    Thread thread =
        new Thread(
            () -> {
              ThreadSignals.block(SIGURG);
              CallState state = CallState.current();
              taken.add(ThreadSignals.take(state, SIGURG)); // none yet
              put(ids, ThreadSignals.threadId());
              await(sent);
              taken.add(ThreadSignals.take(state, SIGURG));
              taken.add(ThreadSignals.take(state, SIGURG)); // two sent are one pending
            });
    thread.start();
    int id = ids.take();
    assertTrue(ThreadSignals.send(id, SIGURG));
    assertTrue(ThreadSignals.send(id, SIGURG));
    sent.countDown();
    thread.join();
    assertEquals(List.of(false, true, false), taken);
  }

  @Test
  void aThreadThatThereIsNotIsTold() {
    assertFalse(ThreadSignals.send(Integer.MAX_VALUE, SIGURG));
  }

  @Test
  void aThreadInheritsWhatItsStarterBlocks() throws Exception {
    List<Long> masks = new ArrayList<>();
    Thread starter =
        new Thread(
            () -> {
              masks.add(ThreadSignals.blocked());
              ThreadSignals.block(SIGURG);
              Thread child = new Thread(() -> masks.add(ThreadSignals.blocked()));
              child.start();
              join(child);
            });
    starter.start();
    starter.join();
    long urgent = ThreadSignals.setOf(SIGURG);
    assertEquals(0, masks.get(0) & urgent);
    assertEquals(urgent, masks.get(1) & urgent);
  }

  @Test
  void aThreadThatDoesNotBlockItIsNotHarmed() {
    assertTrue(ThreadSignals.send(ThreadSignals.threadId(), SIGURG));
    assertEquals(0, ThreadSignals.blocked() & ThreadSignals.setOf(SIGURG));
  }

  @Test
  void theSetHasTheSignalsBit() {
    assertEquals(1, ThreadSignals.setOf(1));
    assertEquals(Long.MIN_VALUE, ThreadSignals.setOf(64));
  }

  private static void put(SynchronousQueue<Integer> queue, int value) {
    try {
      queue.put(value);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
