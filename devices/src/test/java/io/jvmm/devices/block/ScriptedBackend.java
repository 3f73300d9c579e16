package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A raw file that fails where a test says so, and that can hold operations back to end them in any
 * order. What a test may look at is handed over by {@link #held} and by the answers of the device.
 */
final class ScriptedBackend implements BlockBackend {
  private final RawFile file;
  private final int maxPending;
  private final List<String> log = new ArrayList<>();
  private final List<Held> heldBack = new ArrayList<>();
  private final Semaphore held = new Semaphore(0);
  private @Nullable BlockCompletion completion;
  private BlockLimits limits = BlockLimits.SECTORS;
  private int operations;
  private int failAt = -1;
  private int failErrno;
  private boolean cancels;

  /** An operation that has begun and not ended. */
  private record Held(String name, @Nullable IovecArray buffers, long offset, int token) {}

  /**
   * @param maxPending 0 to do everything at once, else how many operations are held back
   */
  ScriptedBackend(RawFile file, int maxPending) {
    this.file = file;
    this.maxPending = maxPending;
  }

  /** Operation {@code number}, counted from 0, fails. Before the device is started. */
  ScriptedBackend failAt(int number, int errno) {
    failAt = number;
    failErrno = errno;
    return this;
  }

  /** Offers this, whether or not it can. */
  ScriptedBackend withLimits(BlockLimits value) {
    limits = value;
    return this;
  }

  /** Ends what is held back when it is cancelled. */
  ScriptedBackend cancelling() {
    cancels = true;
    return this;
  }

  @Override
  public void cancel(CallState state) {
    BlockCompletion told = completion;
    if (!cancels || told == null) {
      return;
    }
    for (Held operation : List.copyOf(heldBack)) {
      heldBack.remove(operation);
      told.completed(state, operation.token, -Errno.ECANCELED);
    }
    told.batchEnded(state);
  }

  @Override
  public BlockLimits limits() {
    return limits;
  }

  /** One permit for each operation that was held back. */
  Semaphore held() {
    return held;
  }

  /** What was asked, in order; once the device has answered. */
  List<String> log() {
    return log;
  }

  /** Ends the operation that was held back as number {@code index} of those that still are. */
  void finish(IoLoop loop, int index) {
    loop.execute(
        () -> {
          Held operation = heldBack.remove(index);
          CallState state = CallState.current();
          int result = perform(state, operation.name, operation.buffers, operation.offset);
          BlockCompletion told = completion;
          if (told == null) {
            throw new IllegalStateException("nobody is attached");
          }
          told.completed(state, operation.token, result);
          told.batchEnded(state);
        });
  }

  /** Ends all that is held back, as one batch. */
  void finishAll(IoLoop loop) {
    loop.execute(
        () -> {
          CallState state = CallState.current();
          BlockCompletion told = completion;
          if (told == null) {
            throw new IllegalStateException("nobody is attached");
          }
          for (Held operation : List.copyOf(heldBack)) {
            heldBack.remove(operation);
            told.completed(
                state,
                operation.token,
                perform(state, operation.name, operation.buffers, operation.offset));
          }
          told.batchEnded(state);
        });
  }

  private int begin(
      CallState state, String name, @Nullable IovecArray buffers, long offset, int token) {
    log.add(name);
    if (maxPending == 0) {
      return perform(state, name, buffers, offset);
    }
    heldBack.add(new Held(name, buffers, offset, token));
    held.release();
    return PENDING;
  }

  private int perform(CallState state, String name, @Nullable IovecArray buffers, long offset) {
    if (operations++ == failAt) {
      return -failErrno;
    }
    if (buffers == null) {
      return file.flush(state);
    }
    return name.equals("read")
        ? file.read(state, buffers, offset)
        : file.write(state, buffers, offset);
  }

  @Override
  public String name() {
    return "scripted " + file.name();
  }

  @Override
  public long length() {
    return file.length();
  }

  @Override
  public boolean isReadOnly() {
    return file.isReadOnly();
  }

  @Override
  public int maxPending() {
    return Math.max(1, maxPending);
  }

  @Override
  public void attach(IoLoop loop, BlockCompletion told) {
    completion = told;
  }

  @Override
  public int read(CallState state, IovecArray buffers, long offset, int token) {
    return begin(state, "read", buffers, offset, token);
  }

  @Override
  public int write(CallState state, IovecArray buffers, long offset, int token) {
    return begin(state, "write", buffers, offset, token);
  }

  @Override
  public int flush(CallState state, int token) {
    return begin(state, "flush", null, 0, token);
  }

  @Override
  public void close() {
    file.close();
  }
}
