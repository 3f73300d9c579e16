package io.jvmm.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
    if (capacity < 1 || capacity > IOV_MAX) {
      throw new IllegalArgumentException("iovec capacity " + capacity);
    }
    this.capacity = capacity;
    this.arena = Arena.ofShared();
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
    long at = (long) end * IOVEC_SIZE;
    array.set(ValueLayout.JAVA_LONG, at, hva);
    array.set(ValueLayout.JAVA_LONG, at + Long.BYTES, length);
    end++;
    byteCount += length;
    return true;
  }

  /** Takes {@code n} bytes off the front, after a call that moved fewer than there are. */
  public void advance(long n) {
    if (n < 0 || n > byteCount) {
      throw new IllegalArgumentException("advance by " + n + " of " + byteCount);
    }
    byteCount -= n;
    long left = n;
    while (first < end) {
      long at = (long) first * IOVEC_SIZE;
      long length = array.get(ValueLayout.JAVA_LONG, at + Long.BYTES);
      if (left < length) {
        array.set(ValueLayout.JAVA_LONG, at, array.get(ValueLayout.JAVA_LONG, at) + left);
        array.set(ValueLayout.JAVA_LONG, at + Long.BYTES, length - left);
        return;
      }
      left -= length;
      first++;
    }
  }

  /** Where the first entry lies, for the system call. */
  public long address() {
    return array.address() + (long) first * IOVEC_SIZE;
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
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
