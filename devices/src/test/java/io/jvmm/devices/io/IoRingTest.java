package io.jvmm.devices.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.EventFd;
import io.jvmm.host.uring.IoUringProbe;
import io.jvmm.host.uring.Sqe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class IoRingTest {
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final IoLoop loop =
      IoLoop.start("io-test", (what, cause) -> failures.add(what + ": " + cause));
  private final IoRing ring = IoRing.create("test ring", 1024);
  private final EventFd counter = EventFd.semaphore("a file to wait for");
  private final Arena arena = Arena.ofShared();

  @BeforeAll
  static void needsIoUring() {
    assumeTrue(IoUringProbe.tryRing() == 0, "this host has no io_uring for us");
  }

  /** Notes what it hears. */
  private static final class Recorder implements IoRing.Client {
    final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public void ended(CallState state, int operation, int result) {
      heard.add(operation + "=" + result);
    }

    @Override
    public void endsTold(CallState state) {
      heard.add("told");
    }
  }

  private interface Ask {
    void ask(Sqe entry);
  }

  private void onLoop(Runnable action) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            action.run();
            done.complete(null);
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
          }
        });
    done.join();
  }

  private void begin(Ask ask) {
    Sqe entry = ring.next(CallState.current());
    assertNotNull(entry);
    ask.ask(entry);
  }

  /** An iovec over eight bytes. */
  private long iovec() {
    MemorySegment iovec = arena.allocate(16, 8);
    iovec.set(ValueLayout.JAVA_LONG, 0, arena.allocate(8, 8).address());
    iovec.set(ValueLayout.JAVA_LONG, 8, 8L);
    return iovec.address();
  }

  @AfterEach
  void close() {
    loop.close();
    ring.close();
    counter.close();
    arena.close();
    assertEquals(List.of(), failures);
  }

  @Test
  void whatATurnAsksForIsToldInABatchToEachClient() throws InterruptedException {
    Recorder one = new Recorder();
    Recorder two = new Recorder();
    int first = ring.join(loop, one, counter.fd());
    int second = ring.join(loop, two, counter.fd());
    onLoop(
        () -> {
          begin(entry -> entry.nop(IoRing.userData(first, 7)));
          begin(entry -> entry.nop(IoRing.userData(second, 8)));
          begin(entry -> entry.nop(IoRing.userData(first, -1)));
          assertEquals(0, one.heard.size(), "nothing ends in the turn that begins it");
        });
    assertEquals("7=0", one.heard.take());
    assertEquals("-1=0", one.heard.take());
    assertEquals("told", one.heard.take());
    assertEquals("8=0", two.heard.take());
    assertEquals("told", two.heard.take());
  }

  @Test
  void moreThanTheQueueHoldsIsBegunInOneTurn() throws InterruptedException {
    Recorder client = new Recorder();
    int place = ring.join(loop, client, counter.fd());
    onLoop(
        () -> {
          for (int i = 0; i < 1000; i++) {
            int operation = i;
            begin(entry -> entry.nop(IoRing.userData(place, operation)));
          }
        });
    for (int i = 0; i < 1000; i++) {
      String heard = client.heard.take();
      if (heard.equals("told")) {
        heard = client.heard.take();
      }
      assertEquals(i + "=0", heard);
    }
  }

  @Test
  void whatTakesLongHoldsNobodyUpAndIsToldWhenItEnds() throws InterruptedException {
    Recorder client = new Recorder();
    int place = ring.join(loop, client, counter.fd());
    long iovec = iovec();
    onLoop(() -> begin(e -> e.readVector(place, iovec, 1, 0, IoRing.userData(place, 1))));
    onLoop(() -> begin(e -> e.nop(IoRing.userData(place, 2))));
    assertEquals("2=0", client.heard.take());
    assertEquals("told", client.heard.take());
    counter.signal(CallState.current());
    assertEquals("1=8", client.heard.take());
    assertEquals("told", client.heard.take());
  }

  @Test
  void whatIsStuckCanBeCancelled() throws InterruptedException {
    Recorder client = new Recorder();
    int place = ring.join(loop, client, counter.fd());
    long iovec = iovec();
    onLoop(() -> begin(e -> e.readVector(place, iovec, 1, 0, IoRing.userData(place, 1))));
    onLoop(() -> begin(e -> e.cancel(IoRing.userData(place, 1), IoRing.userData(place, 9))));
    List<String> heard = List.of(client.heard.take(), client.heard.take());
    assertTrue(heard.contains("1=" + -Errno.ECANCELED), heard::toString);
    assertTrue(heard.contains("9=0"), heard::toString);
  }

  @Test
  void aClientThatJoinsLaterIsServedToo() throws InterruptedException {
    Recorder one = new Recorder();
    int first = ring.join(loop, one, counter.fd());
    onLoop(() -> begin(e -> e.nop(IoRing.userData(first, 1))));
    assertEquals("1=0", one.heard.take());
    Recorder two = new Recorder();
    int second = ring.join(loop, two, counter.fd());
    long iovec = iovec();
    counter.signal(CallState.current());
    onLoop(() -> begin(e -> e.readVector(second, iovec, 1, 0, IoRing.userData(second, 2))));
    assertEquals("2=8", two.heard.take());
    ring.leave(first);
    ring.leave(second);
  }

  @Test
  void aClientThatThrowsLosesNoEnd() throws InterruptedException {
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    IoRing.Client thrower =
        new IoRing.Client() {
          @Override
          public void ended(CallState state, int operation, int result) {
            heard.add("thrower " + operation);
            throw new IllegalStateException("ended " + operation);
          }

          @Override
          public void endsTold(CallState state) {
            throw new IllegalStateException("told");
          }
        };
    Recorder other = new Recorder();
    int first = ring.join(loop, thrower, counter.fd());
    int second = ring.join(loop, other, counter.fd());
    for (int round = 0; round < 2; round++) { // it is called again
      onLoop(
          () -> {
            begin(entry -> entry.nop(IoRing.userData(first, 1)));
            begin(entry -> entry.nop(IoRing.userData(first, 2)));
            begin(entry -> entry.nop(IoRing.userData(second, 3)));
          });
      assertEquals("3=0", other.heard.take());
      assertEquals("told", other.heard.take());
      assertEquals("thrower 1", heard.take());
      assertEquals("thrower 2", heard.take());
    }
    onLoop(() -> {}); // the turn is over
    assertEquals(6, failures.size(), failures::toString);
    assertTrue(failures.get(2).startsWith("test ring: "), failures::toString);
    failures.clear();
  }

  @Test
  void aRingIsOneLoops() {
    Recorder client = new Recorder();
    ring.join(loop, client, counter.fd());
    try (IoLoop other = IoLoop.start("other", (what, cause) -> {})) {
      assertThrows(IllegalStateException.class, () -> ring.join(other, client, counter.fd()));
    }
  }
}
