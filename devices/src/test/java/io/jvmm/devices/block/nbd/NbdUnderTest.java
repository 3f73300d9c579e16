package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.jvmm.devices.block.BlockBackend;
import io.jvmm.devices.block.BlockCompletion;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client on a loop of its own, without a device in front of it. */
final class NbdUnderTest implements AutoCloseable {
  static final int HANG_SECONDS = 60;

  /** An operation that has ended. */
  record Ended(int token, int result) {}

  /** An operation as a device would begin it. */
  interface Operation {
    int begin(CallState state);
  }

  final NbdClient client;
  final BlockingQueue<String> news;
  private final Arena arena = Arena.ofShared();
  private final List<IovecArray> buffers = new ArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final IoLoop loop =
      IoLoop.start("io-test", (what, cause) -> failures.add(what + ": " + cause));
  private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();

  private boolean closed;

  private NbdUnderTest(NbdClient client, BlockingQueue<String> news) {
    this.client = client;
    this.news = news;
    client.attach(loop, new Device());
  }

  /** Hands over what has ended when the batch is over, as a device tells its driver. */
  private final class Device implements BlockCompletion {
    private final List<Ended> batch = new ArrayList<>();

    @Override
    public void completed(CallState state, int token, int result) {
      batch.add(new Ended(token, result));
    }

    @Override
    public void batchEnded(CallState state) {
      ended.addAll(batch);
      batch.clear();
      client.submit(state);
    }
  }

  /** Opens one while the test plays the server's part of the handshake. */
  static CompletableFuture<NbdUnderTest> opening(String uri) {
    return CompletableFuture.supplyAsync(() -> open(uri));
  }

  static NbdUnderTest open(String uri) {
    BlockingQueue<String> news = new LinkedBlockingQueue<>();
    return new NbdUnderTest(NbdClient.open(NbdTarget.parse(uri), false, news::add), news);
  }

  MemorySegment memory(int bytes) {
    return arena.allocate(bytes, 8);
  }

  MemorySegment memory(byte[] content) {
    MemorySegment segment = arena.allocate(Math.max(1, content.length));
    MemorySegment.copy(content, 0, segment, ValueLayout.JAVA_BYTE, 0, content.length);
    return segment;
  }

  /** Buffers over all of these. */
  IovecArray iovecs(MemorySegment... segments) {
    IovecArray iovecs = new IovecArray(Math.max(1, segments.length));
    for (MemorySegment segment : segments) {
      iovecs.add(segment.address(), segment.byteSize());
    }
    buffers.add(iovecs);
    return iovecs;
  }

  /** Begins operations on the loop, with tokens from {@code token} on, and submits them. */
  void begin(int token, Operation... operations) {
    loop.execute(
        () -> {
          CallState state = CallState.current();
          for (int i = 0; i < operations.length; i++) {
            int result = operations[i].begin(state);
            if (result != BlockBackend.PENDING) {
              ended.add(new Ended(token + i, result));
            }
          }
          client.submit(state);
        });
  }

  void read(int token, MemorySegment into, long offset) {
    IovecArray iovecs = iovecs(into);
    begin(token, state -> client.read(state, iovecs, offset, token));
  }

  void write(int token, byte[] data, long offset) {
    IovecArray iovecs = iovecs(memory(data));
    begin(token, state -> client.write(state, iovecs, offset, token));
  }

  void flush(int token) {
    begin(token, state -> client.flush(state, token));
  }

  void cancel() {
    loop.execute(() -> client.cancel(CallState.current()));
  }

  /** Runs on the loop, after what was begun before. */
  void onLoop(Runnable task) {
    CompletableFuture<Void> done = CompletableFuture.runAsync(task, loop::execute);
    done.orTimeout(HANG_SECONDS, TimeUnit.SECONDS).join();
  }

  Ended await() throws InterruptedException {
    Ended one = ended.poll(HANG_SECONDS, TimeUnit.SECONDS);
    assertNotNull(one, () -> "no operation has ended; " + failures);
    return one;
  }

  void assertNext(int token, int result) throws InterruptedException {
    assertEquals(new Ended(token, result), await());
  }

  void assertNothingEnded() {
    assertEquals(List.of(), List.copyOf(ended));
  }

  String awaitNews() throws InterruptedException {
    String line = news.poll(HANG_SECONDS, TimeUnit.SECONDS);
    assertNotNull(line, "no news");
    return line;
  }

  static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    client.close();
    loop.close();
    buffers.forEach(IovecArray::close);
    arena.close();
    assertEquals(List.of(), failures);
  }
}
