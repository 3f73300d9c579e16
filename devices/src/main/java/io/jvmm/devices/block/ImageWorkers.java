package io.jvmm.devices.block;

import io.jvmm.devices.io.Crew;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.ReturnQueue;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.memory.IovecArray;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Works a {@link DiskImage}, whose calls block, on threads of its own: several where the image can
 * be worked so, else one, which then does one operation after the other in the order they came.
 *
 * <p>An operation that was handed over and not begun is cancelled; one that a worker is inside of
 * ends when the host lets it: its buffers are in use until then.
 *
 * <p>Nothing is made before the first operation: a disk that nobody reads costs no thread.
 *
 * <p>Threads: as {@link BlockBackend} says.
 */
public final class ImageWorkers implements BlockBackend {
  /** Operations at a time: as many as a disk's queue of the host is usually deep. */
  static final int MAX_PENDING = 128;

  /**
   * Threads a disk: enough to keep a drive busy that seeks or has channels. What comes from the
   * page cache needs no more of them than there are processors.
   */
  static final int THREADS_MAX = 16;

  private final DiskImage image;

  /** The count of cancellations. */
  private final AtomicInteger era = new AtomicInteger();

  private final ImageOperation[] free = new ImageOperation[MAX_PENDING];
  private int freeCount;
  private int given;
  private @Nullable IoLoop loop;
  private @Nullable BlockCompletion completion;
  private @Nullable Crew<ImageOperation> crew;

  /** What was given before a cancellation and is begun after it ends with ECANCELED. */
  private final class ImageWorker implements Crew.Worker<ImageOperation> {
    @Override
    public void perform(CallState state, ImageOperation operation) {
      boolean cancelled = operation.era() != era.get();
      operation.setResult(cancelled ? -Errno.ECANCELED : operation.perform(state, image));
    }

    @Override
    public void fail(ImageOperation operation) {
      operation.setResult(-Errno.EIO);
    }
  }

  /**
   * @param image becomes this object's, which closes it
   */
  public ImageWorkers(DiskImage image) {
    this.image = image;
    for (int i = 0; i < MAX_PENDING; i++) {
      free[i] = new ImageOperation();
    }
    this.freeCount = MAX_PENDING;
  }

  @Override
  public String name() {
    return image.name();
  }

  @Override
  public long length() {
    return image.length();
  }

  @Override
  public long refreshLength(CallState state) {
    return image.refreshLength(state);
  }

  @Override
  public boolean isReadOnly() {
    return image.isReadOnly();
  }

  @Override
  public BlockLimits limits() {
    return image.limits();
  }

  @Override
  public int maxPending() {
    return MAX_PENDING;
  }

  @Override
  public void attach(IoLoop loop, BlockCompletion completion) {
    this.loop = loop;
    this.completion = completion;
  }

  @Override
  public int read(CallState state, IovecArray buffers, long offset, int token) {
    return give(ImageOperation.READ, buffers, offset, 0, token);
  }

  @Override
  public int write(CallState state, IovecArray buffers, long offset, int token) {
    return give(ImageOperation.WRITE, buffers, offset, 0, token);
  }

  @Override
  public int flush(CallState state, int token) {
    return give(ImageOperation.FLUSH, null, 0, 0, token);
  }

  @Override
  public int discard(CallState state, long offset, long length, int token) {
    return give(ImageOperation.DISCARD, null, offset, length, token);
  }

  @Override
  public int writeZeroes(CallState state, long offset, long length, boolean mayDiscard, int token) {
    int kind = mayDiscard ? ImageOperation.ZEROES_OR_DISCARD : ImageOperation.ZEROES;
    return give(kind, null, offset, length, token);
  }

  private int give(int kind, @Nullable IovecArray buffers, long offset, long length, int token) {
    Crew<ImageOperation> manned = crew != null ? crew : hire();
    if (manned == null) {
      return -Errno.EAGAIN;
    }
    ImageOperation operation = free[--freeCount];
    operation.set(kind, buffers, offset, length, token, era.get());
    manned.give(operation);
    given++;
    return PENDING;
  }

  /** Null where the host has no descriptor or thread left; the next operation tries again. */
  private @Nullable Crew<ImageOperation> hire() {
    IoLoop attached = loop;
    if (attached == null) {
      throw new IllegalStateException(name() + " is not attached");
    }
    Crew<ImageOperation> hired = null;
    try {
      int threads = image.isConcurrent() ? THREADS_MAX : 1;
      hired = new Crew<>(name(), attached, threads, MAX_PENDING, ImageWorker::new);
      attached.register(hired.done().fd(), IoLoop.BELL, this::collect);
      if (hired.isManned()) {
        crew = hired;
        return hired;
      }
      attached.unregister(hired.done().fd());
    } catch (SyscallException e) {
      // Told below, as the guest's error.
    }
    if (hired != null) {
      hired.close();
    }
    return null;
  }

  @Override
  public void submit(CallState state) {
    Crew<ImageOperation> manned = crew;
    if (given > 0 && manned != null) {
      int pieces = given;
      given = 0;
      manned.wake(state, pieces);
    }
  }

  /** What workers have done, no more of it in a turn than could be pending when it began. */
  private void collect(CallState state, int events) {
    Crew<ImageOperation> manned = crew;
    BlockCompletion told = completion;
    if (manned == null || told == null) {
      return;
    }
    ReturnQueue<ImageOperation> done = manned.done();
    done.rearm();
    int count = 0;
    ImageOperation operation;
    while (count < MAX_PENDING && (operation = done.poll()) != null) {
      int token = operation.token();
      int result = operation.result();
      free[freeCount++] = operation;
      told.completed(state, token, result);
      count++;
    }
    if (count == MAX_PENDING) {
      done.wakeAgain(state);
    }
    if (count > 0) {
      told.batchEnded(state);
    }
  }

  @Override
  public void cancel(CallState state) {
    Crew<ImageOperation> manned = crew;
    if (manned != null) {
      era.incrementAndGet();
      submit(state);
    }
  }

  /** When nothing is pending. */
  @Override
  public void close() {
    Crew<ImageOperation> manned = crew;
    IoLoop attached = loop;
    if (manned != null && attached != null) {
      attached.unregister(manned.done().fd());
      manned.close();
      crew = null;
    }
    image.close();
  }
}
