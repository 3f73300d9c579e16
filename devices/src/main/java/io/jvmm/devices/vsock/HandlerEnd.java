package io.jvmm.devices.vsock;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
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

  private final Object lock = new Object();
  // Guarded by lock.
  private final ArrayDeque<ByteBuf> output = new ArrayDeque<>();
  private int outputBytes;
  private boolean outputEnded;
  private boolean closing;
  private boolean wantsRoom;
  private boolean told;

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
    long room = to.byteCount();
    long length = 0;
    boolean wasFull;
    synchronized (lock) {
      if (output.isEmpty()) {
        return outputEnded ? 0 : -Errno.EAGAIN;
      }
      boolean whole = isMessages();
      while (!output.isEmpty() && length < room) {
        ByteBuf first = output.getFirst();
        int n = (int) Math.min(first.readableBytes(), room - length);
        copy(first, to, n);
        length += whole ? first.readableBytes() + n : n;
        outputBytes -= n;
        if (whole || !first.isReadable()) {
          outputBytes -= first.readableBytes();
          output.removeFirst().release();
        }
        if (whole) {
          break;
        }
      }
      if (length == 0 && !whole && !outputEnded) {
        length = -Errno.EAGAIN; // the handler has written nothing at all, and that is not the end
      }
      wasFull = wantsRoom && outputBytes < WRITE_BUFFER_BYTES / 2;
      wantsRoom &= !wasFull;
    }
    if (wasFull) {
      guarded(() -> handler.writable(this));
    }
    return length;
  }

  private boolean isMessages() {
    Connection own = connection;
    return own != null && own.type() == VsockHeader.VIRTIO_VSOCK_TYPE_SEQPACKET;
  }

  private static void copy(ByteBuf from, IovecArray to, int length) {
    if (from.hasArray()) {
      int at = from.arrayOffset() + from.readerIndex();
      to.copyFrom(MemorySegment.ofArray(from.array()), at, length);
    } else {
      byte[] bytes = new byte[length];
      from.getBytes(from.readerIndex(), bytes);
      to.copyFrom(MemorySegment.ofArray(bytes), 0, length);
    }
    to.advance(length);
    from.skipBytes(length);
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
    synchronized (lock) {
      dropOutput();
      outputEnded = true;
    }
  }

  private void dropOutput() {
    for (ByteBuf data : output) {
      data.release();
    }
    output.clear();
    outputBytes = 0;
  }

  @Override
  public void shutdownOutput(CallState state) {
    tellOpened();
    guarded(() -> handler.inputEnded(this));
  }

  @Override
  public boolean isGone() {
    synchronized (lock) {
      return closing && output.isEmpty();
    }
  }

  @Override
  public void close(CallState state, boolean reset) {
    if (over) {
      return;
    }
    over = true;
    listener = null;
    synchronized (lock) {
      dropOutput();
      outputEnded = true;
      closing = true;
    }
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
    synchronized (lock) {
      if (outputEnded) {
        return false;
      }
      if (outputBytes > 0 && outputBytes + (long) data.readableBytes() > WRITE_BUFFER_BYTES) {
        wantsRoom = true;
        return false;
      }
      output.add(data);
      outputBytes += data.readableBytes();
    }
    tellReadable();
    return true;
  }

  private void tellReadable() {
    synchronized (lock) {
      if (told) {
        return;
      }
      told = true;
    }
    onLoop(
        () -> {
          synchronized (lock) {
            told = false;
          }
          Listener hears = listener;
          if (hears != null) {
            hears.readable(CallState.current());
          }
        });
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
    synchronized (lock) {
      outputEnded = true;
    }
    tellReadable();
  }

  @Override
  public void close() {
    synchronized (lock) {
      outputEnded = true;
      closing = true;
    }
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
