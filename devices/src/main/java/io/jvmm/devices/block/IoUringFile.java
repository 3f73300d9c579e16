package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.io.IoRing;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.file.OpenFile;
import io.jvmm.host.uring.Sqe;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * Works a {@link RawFile} by io_uring. What that has no operation for is done by {@link
 * ImageWorkers} beside it: buffers that need a bounce buffer, discarding on block devices, zeroes
 * that the host can only write.
 *
 * <p>Threads: as {@link BlockBackend} says.
 */
public final class IoUringFile implements BlockBackend, IoRing.Client {
  /** Operations at a time; a guest that keeps more in flight has them wait in its queue. */
  public static final int MAX_PENDING = 128;

  /** Each operation can have a cancellation beside it. */
  public static final int RING_OPERATIONS = 2 * MAX_PENDING;

  /** The name of all cancellations, whose own end means nothing. */
  private static final int CANCELLATION = -1;

  private static final byte NONE = 0;
  private static final byte READ = 1;
  private static final byte WRITE = 2;
  private static final byte FLUSH = 3;
  private static final byte DISCARD = 4;
  private static final byte ZEROES = 5;
  private static final byte ZEROES_OR_DISCARD = 6;

  private final RawFile image;
  private final IoRing ring;
  private final OpenFile registered;

  // Operations by slot.
  private final byte[] kinds = new byte[MAX_PENDING];
  private final boolean[] cancelled = new boolean[MAX_PENDING];
  private final @Nullable IovecArray[] buffers = new IovecArray[MAX_PENDING];
  private final long[] offsets = new long[MAX_PENDING];
  private final long[] lengths = new long[MAX_PENDING];
  private final int[] tokens = new int[MAX_PENDING];
  private final int[] free = new int[MAX_PENDING];
  private int freeCount = MAX_PENDING;

  private int place = -1;
  private boolean told;
  private boolean zeroesAreWritten;
  private @Nullable IoLoop loop;
  private @Nullable BlockCompletion completion;
  private @Nullable ImageWorkers workers;

  /**
   * @param image becomes this object's
   * @param ring of the loop that the device will have; it stays the caller's, who closes it after
   *     this
   * @throws io.jvmm.host.SyscallException where the file cannot be opened a second time: then the
   *     image is still the caller's
   */
  public IoUringFile(RawFile image, IoRing ring) {
    this.image = image;
    this.ring = ring;
    // A ring may let go of a file a while after it was closed, or the process ended: what it has is
    // not what holds the lock and the claim.
    this.registered = image.file().reopen();
    for (int i = 0; i < MAX_PENDING; i++) {
      free[i] = i;
    }
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
    this.place = ring.join(loop, this, registered.fd());
  }

  @Override
  public int read(CallState state, IovecArray data, long offset, int token) {
    return image.takes(data)
        ? begin(state, READ, data, offset, 0, token)
        : workers().read(state, data, offset, token);
  }

  @Override
  public int write(CallState state, IovecArray data, long offset, int token) {
    return image.takes(data)
        ? begin(state, WRITE, data, offset, 0, token)
        : workers().write(state, data, offset, token);
  }

  @Override
  public int flush(CallState state, int token) {
    return begin(state, FLUSH, null, 0, 0, token);
  }

  @Override
  public int discard(CallState state, long offset, long length, int token) {
    return image.isFile()
        ? begin(state, DISCARD, null, offset, length, token)
        : workers().discard(state, offset, length, token);
  }

  @Override
  public int writeZeroes(CallState state, long offset, long length, boolean mayDiscard, int token) {
    return zeroesAreWritten
        ? workers().writeZeroes(state, offset, length, mayDiscard, token)
        : begin(state, mayDiscard ? ZEROES_OR_DISCARD : ZEROES, null, offset, length, token);
  }

  private ImageWorkers workers() {
    ImageWorkers hired = workers;
    if (hired == null) {
      IoLoop own = loop;
      BlockCompletion hearer = completion;
      if (own == null || hearer == null) {
        throw new IllegalStateException(name() + " is not attached");
      }
      hired = new ImageWorkers(image);
      hired.attach(own, hearer);
      workers = hired;
    }
    return hired;
  }

  private int begin(
      CallState state, byte kind, @Nullable IovecArray data, long offset, long length, int token) {
    int slot = free[freeCount - 1];
    kinds[slot] = kind;
    buffers[slot] = data;
    offsets[slot] = offset;
    lengths[slot] = length;
    tokens[slot] = token;
    cancelled[slot] = false;
    if (!ask(state, slot)) {
      kinds[slot] = NONE;
      return -Errno.EAGAIN;
    }
    freeCount--;
    return PENDING;
  }

  /** Puts an operation, or what is left of it, into the ring; false where it takes none now. */
  private boolean ask(CallState state, int slot) {
    Sqe entry = ring.next(state);
    if (entry == null) {
      return false;
    }
    long name = IoRing.userData(place, slot);
    IovecArray data = buffers[slot];
    long offset = offsets[slot];
    if (data != null) {
      if (kinds[slot] == READ) {
        entry.readVector(place, data.address(), data.count(), offset, name);
      } else {
        entry.writeVector(place, data.address(), data.count(), offset, name);
      }
    } else if (kinds[slot] == FLUSH) {
      entry.dataSync(place, name);
    } else {
      int mode = kinds[slot] == ZEROES ? OpenFile.ZERO_RANGE : OpenFile.PUNCH_HOLE;
      entry.allocate(place, mode, offset, lengths[slot], name);
    }
    return true;
  }

  @Override
  public void submit(CallState state) {
    // The ring begins what is new at the end of the loop's turn.
    ImageWorkers hired = workers;
    if (hired != null) {
      hired.submit(state);
    }
  }

  @Override
  public void ended(CallState state, int slot, int result) {
    if (slot == CANCELLATION) {
      return;
    }
    IovecArray data = buffers[slot];
    int outcome = result;
    if (result == -Errno.EINTR || result == -Errno.EAGAIN) {
      outcome = goOn(state, slot);
    } else if (data != null && result >= 0) {
      outcome = moved(state, slot, data, result);
    } else if (kinds[slot] == FLUSH) {
      outcome = image.synced(result);
    } else if (result == -Errno.EOPNOTSUPP && kinds[slot] == DISCARD) {
      outcome = DONE; // it promises nothing
    } else if (result == -Errno.EOPNOTSUPP && isZeroes(slot)) {
      outcome = cancelled[slot] ? -Errno.ECANCELED : writeZeroes(state, slot);
      if (outcome == PENDING) {
        release(slot); // it is the workers' now
        return;
      }
    }
    if (outcome != PENDING) {
      tell(state, slot, outcome);
    }
  }

  private boolean isZeroes(int slot) {
    return kinds[slot] == ZEROES || kinds[slot] == ZEROES_OR_DISCARD;
  }

  private int moved(CallState state, int slot, IovecArray data, int bytes) {
    if (bytes == 0 && data.byteCount() > 0) {
      return -Errno.EIO; // somebody has cut the file; or no progress and no reason
    }
    data.advance(bytes);
    offsets[slot] += bytes;
    return data.byteCount() == 0 ? DONE : goOn(state, slot);
  }

  /** Asks for the rest of an operation. */
  private int goOn(CallState state, int slot) {
    if (cancelled[slot]) {
      return -Errno.ECANCELED;
    }
    return ask(state, slot) ? PENDING : -Errno.EAGAIN;
  }

  /** By workers: the file system has no zeroes to give, which will be so the next time too. */
  private int writeZeroes(CallState state, int slot) {
    zeroesAreWritten = true;
    ImageWorkers hired = workers();
    boolean mayDiscard = kinds[slot] == ZEROES_OR_DISCARD;
    int outcome = hired.writeZeroes(state, offsets[slot], lengths[slot], mayDiscard, tokens[slot]);
    hired.submit(state);
    return outcome;
  }

  private void tell(CallState state, int slot, int outcome) {
    int token = tokens[slot];
    release(slot);
    BlockCompletion hearer = completion;
    if (hearer != null) {
      told = true;
      hearer.completed(state, token, outcome);
    }
  }

  private void release(int slot) {
    kinds[slot] = NONE;
    buffers[slot] = null;
    free[freeCount++] = slot;
  }

  @Override
  public void endsTold(CallState state) {
    BlockCompletion hearer = completion;
    if (told && hearer != null) {
      told = false;
      hearer.batchEnded(state);
    }
  }

  @Override
  public void cancel(CallState state) {
    for (int slot = 0; slot < MAX_PENDING; slot++) {
      if (kinds[slot] != NONE && !cancelled[slot]) {
        cancelled[slot] = true;
        Sqe entry = ring.next(state);
        if (entry != null) { // else it ends when the host lets it
          entry.cancel(IoRing.userData(place, slot), IoRing.userData(place, CANCELLATION));
        }
      }
    }
    ImageWorkers hired = workers;
    if (hired != null) {
      hired.cancel(state);
    }
  }

  /** When nothing is pending. */
  @Override
  public void close() {
    if (place >= 0) {
      ring.leave(place);
      place = -1;
    }
    registered.close();
    ImageWorkers hired = workers;
    if (hired != null) {
      hired.close();
    }
    image.close();
  }
}
