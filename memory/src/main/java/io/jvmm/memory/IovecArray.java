package io.jvmm.memory;

import io.jvmm.host.raw.AddressSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A reused array of {@code struct iovec} in native memory, filled from guest ranges and handed to
 * {@code preadv} and its like.
 *
 * <p>Threads: belongs to one thread at a time.
 */
public final class IovecArray implements AutoCloseable {
  /** {@code struct iovec}: void *iov_base, size_t iov_len. */
  public static final int IOVEC_SIZE = 16;

  /** Linux' UIO_MAXIOV ({@code linux/uio.h}): more in one call is EINVAL. */
  public static final int IOV_MAX = 1024;

  private final Arena arena;
  private final boolean isOwn;

  /** Addresses and lengths in turn; where system calls find them is {@link #address}. */
  private final long[] entries;

  private final MemorySegment view;
  private final MemorySegment array;
  private final int capacity;
  private int first;
  private int end;
  private long byteCount;

  /**
   * An empty array.
   *
   * @param capacity 1 to {@value #IOV_MAX}
   */
  public IovecArray(int capacity) {
    this(capacity, Arena.ofShared(), true);
  }

  /** The same, in an arena that stays the caller's and is not closed with this. */
  public IovecArray(int capacity, Arena arena) {
    this(capacity, arena, false);
  }

  private IovecArray(int capacity, Arena arena, boolean isOwn) {
    if (capacity < 1 || capacity > IOV_MAX) {
      throw new IllegalArgumentException("iovec capacity " + capacity);
    }
    this.capacity = capacity;
    this.arena = arena;
    this.isOwn = isOwn;
    this.entries = new long[2 * capacity];
    this.view = MemorySegment.ofArray(entries);
    this.array = arena.allocate((long) capacity * IOVEC_SIZE, Long.BYTES);
  }

  /** Forgets all entries. */
  public void clear() {
    first = 0;
    end = 0;
    byteCount = 0;
  }

  /**
   * Adds a range that {@link GuestMemory#translate} answered.
   *
   * @return false where the array is full
   */
  public boolean add(long hva, long length) {
    if (end == capacity) {
      return false;
    }
    entries[2 * end] = hva;
    entries[2 * end + 1] = length;
    end++;
    byteCount += length;
    return true;
  }

  /** Takes the last entry off again. */
  public void removeLast() {
    if (first == end) {
      throw new IllegalStateException("the array is empty");
    }
    end--;
    byteCount -= length(end);
  }

  /** How many entries can be added now; {@link #compact} makes it as many as are not in use. */
  public int spare() {
    return capacity - end;
  }

  /** Moves the entries to the beginning of the array, so that those taken off make room. */
  public void compact() {
    if (first > 0) {
      System.arraycopy(entries, 2 * first, entries, 0, 2 * (end - first));
      end -= first;
      first = 0;
    }
  }

  /** Takes {@code n} bytes off the front, after a call that moved fewer than there are. */
  public void advance(long n) {
    if (n < 0 || n > byteCount) {
      throw new IllegalArgumentException("advance by " + n + " of " + byteCount);
    }
    byteCount -= n;
    long left = n;
    while (first < end) {
      long length = length(first);
      if (left < length) {
        entries[2 * first] += left;
        entries[2 * first + 1] = length - left;
        return;
      }
      left -= length;
      first++;
    }
  }

  /**
   * Adds a window of another array, which stays as it is: what a call that moved fewer bytes than
   * there are has left, or one of the pieces that a long request is cut into.
   *
   * @param skip bytes of {@code source} before the window
   * @param length bytes of the window, which {@code source} has
   * @return how many bytes were added: fewer where this array is full
   */
  public long addFrom(IovecArray source, long skip, long length) {
    if (skip < 0 || length < 0 || length > source.byteCount - skip) {
      throw new IllegalArgumentException(length + " bytes at " + skip + " of " + source.byteCount);
    }
    long toSkip = skip;
    long left = length;
    for (int i = source.first; left > 0; i++) {
      long size = source.length(i);
      if (toSkip >= size) {
        toSkip -= size;
        continue;
      }
      long taken = Math.min(size - toSkip, left);
      if (!add(source.hva(i) + toSkip, taken)) {
        break;
      }
      toSkip = 0;
      left -= taken;
    }
    return length - left;
  }

  /**
   * Copies from the front of what the entries point at, for what cannot take iovecs.
   *
   * @return how many bytes: all that there are, or {@code length}
   */
  public int copyTo(MemorySegment to, long at, int length) {
    int done = 0;
    for (int i = first; i < end && done < length; i++) {
      int n = (int) Math.min(length(i), length - done);
      MemorySegment.copy(AddressSpace.ALL, hva(i), to, at + done, n);
      done += n;
    }
    return done;
  }

  /** Copies to the front of what the entries point at; the rest as {@link #copyTo}. */
  public int copyFrom(MemorySegment from, long at, int length) {
    int done = 0;
    for (int i = first; i < end && done < length; i++) {
      int n = (int) Math.min(length(i), length - done);
      MemorySegment.copy(from, at + done, AddressSpace.ALL, hva(i), n);
      done += n;
    }
    return done;
  }

  /**
   * Whether every entry that is left is fit for direct I/O.
   *
   * @param address what each address must be a multiple of, a power of two
   * @param length what each length must be a multiple of, a power of two
   */
  public boolean isAligned(int address, int length) {
    for (int i = first; i < end; i++) {
      if ((hva(i) & (address - 1)) != 0 || (length(i) & (length - 1)) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Writes zeroes over the first {@code n} bytes, and takes them off the front. */
  public void fillZero(long n) {
    long left = n;
    while (left > 0) {
      if (first == end) {
        throw new IllegalArgumentException("more bytes than the array has");
      }
      long length = Math.min(left, length(first));
      AddressSpace.ALL.asSlice(hva(first), length).fill((byte) 0);
      advance(length);
      left -= length;
    }
  }

  private long hva(int index) {
    return entries[2 * index];
  }

  private long length(int index) {
    return entries[2 * index + 1];
  }

  /** Where the first entry lies, for the system call; as they are now. */
  public long address() {
    long at = (long) first * IOVEC_SIZE;
    MemorySegment.copy(view, at, array, at, (long) (end - first) * IOVEC_SIZE);
    return array.address() + at;
  }

  /** How many entries are left. */
  public int count() {
    return end - first;
  }

  /** How many bytes are left in all entries. */
  public long byteCount() {
    return byteCount;
  }

  @Override
  public void close() {
    if (isOwn && arena.scope().isAlive()) {
      arena.close();
    }
  }
}
