package io.jvmm.bench.io;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.host.epoll.Epoll;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Events through an I/O thread: a doorbell rings, the loop wakes, its handler runs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class IoLoopBenchmark {
  private IoLoop loop;
  private EventFd doorbell;
  private CallState state;
  private final AtomicLong seen = new AtomicLong();

  @Setup
  public void start() {
    state = CallState.current();
    loop =
        IoLoop.start(
            "io",
            (what, cause) -> {
              throw new IllegalStateException(what, cause);
            });
    doorbell = EventFd.create("doorbell");
    loop.register(
        doorbell.fd(),
        Epoll.EPOLLIN,
        (loopState, _) -> {
          doorbell.drain(loopState);
          seen.incrementAndGet();
        });
  }

  /** A ring, and the wait until its handler has run: with the wake-up of a sleeping thread. */
  @Benchmark
  public long ringAndWait() {
    long before = seen.get();
    doorbell.signal(state);
    while (seen.get() == before) {
      Thread.onSpinWait();
    }
    return before;
  }

  /** The loop's thread rings itself: wait, drain, handler, ring; no other thread, no wake-up. */
  @Benchmark
  public long turnsOfABusyLoop(Turns turns) {
    return turns.awaitOne();
  }

  /** Begins the busy loop for its benchmark alone, and counts its turns. */
  @State(Scope.Thread)
  public static class Turns {
    private IoLoop loop;
    private EventFd bell;
    private final AtomicLong turns = new AtomicLong();

    @Setup
    public void start(IoLoopBenchmark benchmark) {
      loop = benchmark.loop;
      bell = EventFd.create("self");
      loop.register(
          bell.fd(),
          Epoll.EPOLLIN,
          (loopState, _) -> {
            bell.drain(loopState);
            turns.incrementAndGet();
            bell.signal(loopState);
          });
      bell.signal(CallState.current());
    }

    long awaitOne() {
      long before = turns.get();
      while (turns.get() == before) {
        Thread.onSpinWait();
      }
      return before;
    }

    @TearDown
    public void stop() {
      loop.unregister(bell.fd());
      bell.close();
    }
  }

  @TearDown
  public void stop() {
    loop.close();
    doorbell.close();
  }
}
