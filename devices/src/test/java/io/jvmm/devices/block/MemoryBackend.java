package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that can do everything: at once, or in batches that end in a random order. What
 * is discarded reads as zeroes.
 */
final class MemoryBackend implements BlockBackend {
  /** What it offers where a test says nothing else. */
  static final BlockLimits ALL = new BlockLimits(512, 4096, 65536, true, 4096, true);

  private final Arena arena = Arena.ofShared();
  private final MemorySegment data;
  private final BlockLimits limits;
  private final int maxPending;
  private final Random random = new Random(3);
  private final List<Pending> pending = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private final AtomicInteger submits = new AtomicInteger();
  private final AtomicInteger cancels = new AtomicInteger();
  private long length;
  private volatile long lengthOfHost;
  private @Nullable IoLoop loop;
  private @Nullable BlockCompletion completion;
  private boolean scheduled;

  private record Pending(int token, IntSupplier work) {}

  /**
   * @param maxPending 0 to do everything at once
   */
  MemoryBackend(int length, BlockLimits limits, int maxPending) {
    this.data = arena.allocate(length);
    this.length = length;
    this.lengthOfHost = length;
    this.limits = limits;
    this.maxPending = maxPending;
  }

  /** What it holds; when the device stands still. */
  byte[] content() {
    return data.toArray(ValueLayout.JAVA_BYTE);
  }

  MemoryBackend fill(byte[] bytes) {
    MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return this;
  }

  /** The next refresh finds this, or {@code -errno}. */
  void setLengthOfHost(long value) {
    lengthOfHost = value;
  }

  /** What was asked, in order; once the device has answered. */
  List<String> log() {
    return log;
  }

  int cancels() {
    return cancels.get();
  }

  private int perform(String what, int token, IntSupplier work) {
    log.add(what);
    if (maxPending == 0) {
      return work.getAsInt();
    }
    pending.add(new Pending(token, work));
    if (pending.size() > maxPending) {
      throw new IllegalStateException(pending.size() + " operations of " + maxPending);
    }
    return PENDING;
  }

  @Override
  public void submit(CallState state) {
    submits.incrementAndGet();
    IoLoop on = loop;
    if (!pending.isEmpty() && !scheduled && on != null) {
      scheduled = true;
      on.execute(this::endSome);
    }
  }

  /** Not all at once, so that what is pending and what begins are mixed. */
  private void endSome() {
    scheduled = false;
    BlockCompletion told = completion;
    if (told == null) {
      throw new IllegalStateException("nobody is attached");
    }
    CallState state = CallState.current();
    for (int left = 1 + random.nextInt(pending.size()); left > 0; left--) {
      Pending ended = pending.remove(random.nextInt(pending.size()));
      told.completed(state, ended.token, ended.work.getAsInt());
    }
    told.batchEnded(state);
    submit(state);
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public long refreshLength(CallState state) {
    long found = lengthOfHost;
    if (found >= 0) {
      length = found;
    }
    return found;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public BlockLimits limits() {
    return limits;
  }

  @Override
  public int maxPending() {
    return Math.max(1, maxPending);
  }

  @Override
  public void attach(IoLoop on, BlockCompletion told) {
    loop = on;
    completion = told;
  }

  @Override
  public int read(CallState state, IovecArray buffers, long offset, int token) {
    int count = (int) buffers.byteCount();
    return perform(
        "read " + offset + "+" + count,
        token,
        () -> {
          buffers.copyFrom(data, offset, count);
          return DONE;
        });
  }

  @Override
  public int write(CallState state, IovecArray buffers, long offset, int token) {
    int count = (int) buffers.byteCount();
    return perform(
        "write " + offset + "+" + count,
        token,
        () -> {
          buffers.copyTo(data, offset, count);
          return DONE;
        });
  }

  @Override
  public int flush(CallState state, int token) {
    return perform("flush", token, () -> DONE);
  }

  @Override
  public int discard(CallState state, long offset, long count, int token) {
    return perform("discard " + offset + "+" + count, token, () -> zero(offset, count));
  }

  @Override
  public int writeZeroes(CallState state, long offset, long count, boolean mayDiscard, int token) {
    String what = mayDiscard ? "zeroes, discarded, " : "zeroes ";
    return perform(what + offset + "+" + count, token, () -> zero(offset, count));
  }

  private int zero(long offset, long count) {
    data.asSlice(offset, count).fill((byte) 0);
    return DONE;
  }

  @Override
  public void cancel(CallState state) {
    cancels.incrementAndGet();
  }

  @Override
  public void close() {
    arena.close();
  }
}
