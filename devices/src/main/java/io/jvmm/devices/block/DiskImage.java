package io.jvmm.devices.block;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;

/**
 * A disk image that is worked by calls that block: they answer when all is done, with {@link
 * BlockBackend#DONE} or {@code -errno}. What {@link BlockBackend} says of arguments holds here too.
 *
 * <p>Threads: one at a time, and several at once where {@link #isConcurrent}; never the device's
 * I/O thread, which only asks what the disk is ({@link #length}, {@link #refreshLength}, {@link
 * #limits}), also while something is done. The owner closes it when no call is running.
 */
public interface DiskImage extends AutoCloseable {
  /** What it is, for people: a path. */
  String name();

  /** In bytes; changes in {@link #refreshLength} alone. */
  long length();

  /**
   * Asks the host how long it is now.
   *
   * @return the new {@link #length}, or {@code -errno}, and then it is as before
   */
  default long refreshLength(CallState state) {
    return length();
  }

  /** Whether writes are refused. */
  boolean isReadOnly();

  /** Block sizes, and what else it can do; does not change. */
  BlockLimits limits();

  /** Whether several threads may call it at once. */
  boolean isConcurrent();

  /** Hot: reads from {@code offset} into all of the buffers, which it may use up. */
  int read(CallState state, IovecArray buffers, long offset);

  /** Hot: writes all of the buffers at {@code offset}. */
  int write(CallState state, IovecArray buffers, long offset);

  /** Hot: every write that was done before is on the medium. */
  int flush(CallState state);

  /** Hot: the data of this range is no longer needed, its space may be given back. */
  default int discard(CallState state, long offset, long length) {
    return -Errno.EOPNOTSUPP;
  }

  /** Hot: this range reads as zeroes afterwards. */
  default int writeZeroes(CallState state, long offset, long length, boolean mayDiscard) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  void close();
}
