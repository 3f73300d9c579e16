package io.jvmm.devices.block;

import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** An image without data whose calls block until the test lets them go, and answer what it says. */
final class ScriptedImage implements DiskImage {
  static final long LENGTH = 1 << 20;

  private final boolean concurrent;
  final List<String> log = new CopyOnWriteArrayList<>();

  /** One permit for each call that has begun. */
  final Semaphore begun = new Semaphore(0);

  /** Each call takes a permit before it ends. */
  final Semaphore mayEnd = new Semaphore(0);

  final AtomicInteger running = new AtomicInteger();
  final AtomicInteger mostRunning = new AtomicInteger();
  volatile int answer;
  volatile boolean mistaken;
  volatile boolean closed;

  ScriptedImage(boolean concurrent) {
    this.concurrent = concurrent;
  }

  private int call(String what) {
    log.add(what);
    int now = running.incrementAndGet();
    mostRunning.accumulateAndGet(now, Math::max);
    begun.release();
    mayEnd.acquireUninterruptibly();
    running.decrementAndGet();
    if (mistaken) {
      throw new IllegalStateException("a mistake in " + what);
    }
    return answer;
  }

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public long length() {
    return LENGTH;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public BlockLimits limits() {
    return new BlockLimits(512, 4096, 0, true, 4096, true);
  }

  @Override
  public boolean isConcurrent() {
    return concurrent;
  }

  @Override
  public int read(CallState state, IovecArray buffers, long offset) {
    return call("read " + offset + "+" + buffers.byteCount());
  }

  @Override
  public int write(CallState state, IovecArray buffers, long offset) {
    return call("write " + offset + "+" + buffers.byteCount());
  }

  @Override
  public int flush(CallState state) {
    return call("flush");
  }

  @Override
  public int discard(CallState state, long offset, long length) {
    return call("discard " + offset + "+" + length);
  }

  @Override
  public int writeZeroes(CallState state, long offset, long length, boolean mayDiscard) {
    return call("zeroes " + offset + "+" + length + (mayDiscard ? " or discard" : ""));
  }

  @Override
  public void close() {
    closed = true;
  }
}
