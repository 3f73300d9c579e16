package io.jvmm.devices.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.IovecArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Plays the device for a backend: a loop, guest memory, and a record of which operation ended how.
 */
final class BackendDriver implements BlockCompletion, AutoCloseable {
  private static final int HANG_SECONDS = 60;
  private static final int BUFFERS_MAX = 64;

  /** How an operation ended that had been pending. */
  record End(int token, int result) {}

  final GuestMemory memory =
      GuestMemory.allocate(16 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  final List<String> failures = new CopyOnWriteArrayList<>();
  final IoLoop loop = IoLoop.start("io-test", (what, cause) -> failures.add(what + ": " + cause));
  final BlockBackend backend;
  private final LinkedBlockingQueue<End> ends = new LinkedBlockingQueue<>();
  private final List<IovecArray> arrays = new ArrayList<>();
  private final List<End> batch = new ArrayList<>();
  private volatile boolean onLoop;

  BackendDriver(BlockBackend backend) {
    this(driver -> backend);
  }

  /**
   * @param maker makes the backend when the loop is there
   */
  BackendDriver(Function<BackendDriver, BlockBackend> maker) {
    this.backend = maker.apply(this);
    onLoop(
        state -> {
          backend.attach(loop, this);
          return 0;
        });
  }

  @Override
  public void completed(CallState state, int token, int result) {
    assertTrue(loop.isLoopThread(), "completions come on the loop's thread");
    assertTrue(!onLoop, "completions come in a turn of their own");
    batch.add(new End(token, result));
  }

  @Override
  public void batchEnded(CallState state) {
    assertFalse(batch.isEmpty(), "a batch has something in it");
    ends.addAll(batch);
    batch.clear();
    backend.submit(state);
  }

  /** Runs on the loop, where backends are called; answers what the action does. */
  int onLoop(ToIntFunction<CallState> action) {
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          onLoop = true;
          try {
            answer.complete(action.applyAsInt(CallState.current()));
          } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
          } finally {
            onLoop = false;
          }
        });
    return answer.join();
  }

  /** One operation and its batch's end: how it ended, at once or later. */
  int perform(ToIntFunction<CallState> operation) {
    int outcome =
        onLoop(
            state -> {
              int result = operation.applyAsInt(state);
              backend.submit(state);
              return result;
            });
    return outcome == BlockBackend.PENDING ? nextEnd().result() : outcome;
  }

  int read(long gpa, int length, long offset) {
    return perform(state -> backend.read(state, buffers(gpa, length), offset, 0));
  }

  int write(long gpa, int length, long offset) {
    return perform(state -> backend.write(state, buffers(gpa, length), offset, 0));
  }

  int flush() {
    return perform(state -> backend.flush(state, 0));
  }

  /** Begins an operation of a batch. */
  interface Begin {
    int begin(CallState state, int token);
  }

  /** Several operations at once, of tokens from 0, all of which end well. */
  void batch(int count, Begin operation) {
    int pending =
        onLoop(
            state -> {
              int begun = 0;
              for (int i = 0; i < count; i++) {
                int outcome = operation.begin(state, i);
                begun += outcome;
                assertTrue(
                    outcome == BlockBackend.DONE || outcome == BlockBackend.PENDING,
                    () -> "answered " + outcome);
              }
              backend.submit(state);
              return begun;
            });
    for (int i = 0; i < pending; i++) {
      assertEquals(BlockBackend.DONE, nextEnd().result());
    }
  }

  /** A range of guest memory cut into buffers, whole sectors each. */
  IovecArray scattered(Random random, long gpa, int length) {
    IovecArray array = new IovecArray(BUFFERS_MAX);
    arrays.add(array);
    int done = 0;
    for (int i = 1; done < length; i++) {
      int left = length - done;
      int size = i == BUFFERS_MAX ? left : Math.min(left, 512 * (1 + random.nextInt(64)));
      assertTrue(array.add(memory.check(gpa + done, size), size));
      done += size;
    }
    return array;
  }

  /** The end of an operation that is pending. */
  End nextEnd() {
    try {
      End end = ends.poll(HANG_SECONDS, TimeUnit.SECONDS);
      assertTrue(end != null, () -> "an operation does not end; " + failures);
      return end;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether none has ended that nobody asked for. */
  boolean isQuiet() {
    return ends.isEmpty();
  }

  /** A range of guest memory in one buffer. */
  IovecArray buffers(long gpa, int length) {
    IovecArray array = new IovecArray(BUFFERS_MAX);
    arrays.add(array);
    assertTrue(array.add(memory.check(gpa, length), length));
    return array;
  }

  void fill(long gpa, byte[] content) {
    memory.write(gpa, content, 0, content.length);
  }

  byte[] content(long gpa, int length) {
    byte[] content = new byte[length];
    memory.read(gpa, content, 0, length);
    return content;
  }

  @Override
  public void close() {
    backend.close();
    loop.close();
    arrays.forEach(IovecArray::close);
    memory.close();
    assertEquals(List.of(), failures);
    assertTrue(isQuiet(), () -> "nobody waited for " + ends);
  }
}
