package io.jvmm.bench.host;

import com.sun.jna.Library;
import com.sun.jna.Native;
import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import java.util.concurrent.TimeUnit;
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

/** An eventfd is rung and drained: two system calls, by our one downcall shape and by JNA. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SyscallBenchmark {
  /** The C library, as JNA sees it. */
  public interface LibC extends Library {
    int eventfd(int initial, int flags);

    long write(int fd, long[] bytes, long count);

    long read(int fd, long[] bytes, long count);

    int close(int fd);
  }

  private final long[] one = {1};
  private final long[] counter = new long[1];
  private LibC libc;
  private int jnaFd;
  private EventFd event;
  private CallState state;

  @Setup
  public void open() {
    state = CallState.current();
    event = EventFd.create("benchmark");
    libc = Native.load("c", LibC.class);
    jnaFd = libc.eventfd(0, 0);
  }

  @Benchmark
  public void ffm() {
    event.signal(state);
    event.drain(state);
  }

  @Benchmark
  public long jna() {
    libc.write(jnaFd, one, Long.BYTES);
    return libc.read(jnaFd, counter, Long.BYTES);
  }

  @TearDown
  public void close() {
    event.close();
    libc.close(jnaFd);
  }
}
