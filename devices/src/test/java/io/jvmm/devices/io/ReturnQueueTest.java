package io.jvmm.devices.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReturnQueueTest {
  private static final int ROUNDS = 5_000;
  private static final int GIVERS = 3;

  @Test
  void theFirstPieceRingsAndTheOthersDoNotUntilTheLoopHasLooked() {
    try (ReturnQueue<Integer> queue = new ReturnQueue<>("test", 8)) {
      assertTrue(queue.add(1));
      assertFalse(queue.add(2));
      queue.rearm();
      assertEquals(1, queue.poll());
      assertTrue(queue.add(3));
      assertEquals(2, queue.poll());
      assertEquals(3, queue.poll());
      assertNull(queue.poll());
    }
  }

  @Test
  void morePiecesThanAgreedAreAMistake() {
    try (ReturnQueue<Integer> queue = new ReturnQueue<>("test", 2)) {
      queue.add(1);
      queue.add(2);
      assertThrows(IllegalStateException.class, () -> queue.add(3));
    }
  }

  @Test
  void aLoopHearsOfEveryPiece() throws InterruptedException {
    List<String> failures = new CopyOnWriteArrayList<>();
    Semaphore heard = new Semaphore(0);
    try (IoLoop loop = IoLoop.start("io-test", (what, cause) -> failures.add(what + cause));
        ReturnQueue<Integer> queue = new ReturnQueue<>("test", GIVERS)) {
      loop.register(queue.fd(), IoLoop.BELL, (state, events) -> drain(queue, heard));
      List<Thread> givers = new ArrayList<>();
      Semaphore room = new Semaphore(GIVERS);
      for (int i = 0; i < GIVERS; i++) {
        givers.add(Thread.ofPlatform().start(() -> give(queue, room)));
      }
      for (int i = 0; i < ROUNDS * GIVERS; i++) {
        heard.acquire(); // a lost wake-up would keep it here
        room.release();
      }
      for (Thread giver : givers) {
        giver.join();
      }
      loop.unregister(queue.fd());
    }
    assertEquals(List.of(), failures);
  }

  private static void drain(ReturnQueue<Integer> queue, Semaphore heard) {
    queue.rearm();
    while (queue.poll() != null) {
      heard.release();
    }
  }

  private static void give(ReturnQueue<Integer> queue, Semaphore room) {
    CallState state = CallState.current();
    for (int i = 0; i < ROUNDS; i++) {
      room.acquireUninterruptibly();
      queue.put(state, i);
    }
  }
}
