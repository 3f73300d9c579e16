package io.jvmm.devices.vsock;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A handler at the host's end.
 *
 * <p>Threads: as {@link HostEnd} says, and any for what {@link VsockConnection} has.
 */
final class HandlerEnd implements HostEnd, VsockConnection {
  /**
   * One arena on the heap, chunks of 256 KiB, no caches of threads: netty's defaults keep 4 MiB a
   * core and each thread's own, for traffic that is not here.
   */
  private static final class Buffers {
    static final PooledByteBufAllocator POOL =
        new PooledByteBufAllocator(false, 1, 0, 8192, 5, 0, 0, false);
  }

  private final IoLoop loop;
  private final VsockHandler handler;
  private final int hostPort;
  private final int guestPort;
  private @Nullable Listener listener;
  private volatile @Nullable Connection connection;

  private volatile boolean paused;

  /** Loop thread only: what the handler has heard. */
  private boolean opened;

  private boolean over;

  private final HandlerOutput output = new HandlerOutput();

  /** The loop is to look at it, and has not yet. */
  private final AtomicBoolean told = new AtomicBoolean();

  /**
   * @param hostPort 0 where it is told by {@link #opened}
   */
  HandlerEnd(IoLoop loop, VsockHandler handler, int hostPort, int guestPort) {
    this.loop = loop;
    this.handler = handler;
    this.hostPort = hostPort;
    this.guestPort = guestPort;
  }

  @Override
  public void attach(IoLoop sameLoop, Listener newListener) {
    listener = newListener;
    if (newListener instanceof Connection own) {
      connection = own;
      if (own.wasOpen()) {
        onLoop(this::tellOpened); // the guest hears of it first, if it waits
      }
    }
  }

  @Override
  public void opened(CallState state, Connection own) {
    tellOpened();
  }

  private void tellOpened() {
    if (listener != null && !opened) {
      opened = true;
      guarded(() -> handler.opened(this));
    }
  }

  /** What a handler throws ends its connection and nothing else. */
  private boolean guarded(Runnable call) {
    try {
      call.run();
      return true;
    } catch (RuntimeException e) {
      reset();
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      return false;
    }
  }

  private void onLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException stopped) {
      // Then the connection is over too.
    }
  }

  // The device's side.

  @Override
  public long tryRead(CallState state, IovecArray to) {
    Connection own = connection;
    boolean messages = own != null && own.type() == VsockHeader.VIRTIO_VSOCK_TYPE_SEQPACKET;
    long length = output.read(to, messages);
    if (output.hasRoomAgain()) {
      guarded(() -> handler.writable(this));
    }
    return length;
  }

  @Override
  public long tryWrite(CallState state, IovecArray from) {
    tellOpened(); // a guest need not wait for the answer to its request
    if (paused) {
      return -Errno.EAGAIN;
    }
    int length = (int) from.byteCount();
    ByteBuf data = Buffers.POOL.heapBuffer(Math.max(1, length));
    from.copyTo(MemorySegment.ofArray(data.array()), data.arrayOffset(), length);
    data.writerIndex(length);
    return guarded(() -> handler.received(this, data)) ? length : -Errno.EPIPE;
  }

  @Override
  public void shutdownInput(CallState state) {
    output.drop();
  }

  @Override
  public void shutdownOutput(CallState state) {
    tellOpened();
    guarded(() -> handler.inputEnded(this));
  }

  @Override
  public boolean isGone() {
    return output.isClosed();
  }

  @Override
  public void close(CallState state, boolean reset) {
    if (over) {
      return;
    }
    over = true;
    listener = null;
    output.drop();
    output.close();
    guarded(() -> handler.closed(this, reset));
  }

  // The handler's side.

  @Override
  public int hostPort() {
    Connection own = connection;
    return own == null ? hostPort : own.hostPort();
  }

  @Override
  public int guestPort() {
    return guestPort;
  }

  @Override
  public boolean tryWrite(ByteBuf data) {
    if (!output.offer(data)) {
      return false;
    }
    tellReadable();
    return true;
  }

  private void tellReadable() {
    if (told.compareAndSet(false, true)) {
      onLoop(
          () -> {
            told.set(false);
            Listener hears = listener;
            if (hears != null) {
              hears.readable(CallState.current());
            }
          });
    }
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    onLoop(
        () -> {
          Listener hears = listener;
          if (hears != null) {
            hears.writable(CallState.current());
          }
        });
  }

  @Override
  public void shutdownOutput() {
    output.end();
    tellReadable();
  }

  @Override
  public void close() {
    output.close();
    tellReadable();
  }

  @Override
  public void reset() {
    onLoop(
        () -> {
          Connection own = connection;
          if (own != null) {
            own.reset(CallState.current());
          }
        });
  }

  @Override
  public ByteBufAllocator allocator() {
    return Buffers.POOL;
  }
}
