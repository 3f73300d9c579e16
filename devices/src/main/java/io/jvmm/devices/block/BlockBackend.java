package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;

/**
 * What holds a disk's data. Offsets and lengths have been checked: whole blocks of {@link
 * BlockLimits#blockSize} within {@link #length}, no writes where it is read-only.
 *
 * <p>An operation answers {@link #DONE}, {@code -errno}, or {@link #PENDING}: then {@link
 * BlockCompletion#completed} tells the end later, on the same thread and from a turn of its own,
 * {@link BlockCompletion#batchEnded} after as many as have ended, and the buffers stay untouched by
 * others until then. What is done is done in full: a backend goes on after a short transfer itself.
 * Operations may end in any order.
 *
 * <p>A backend may only collect operations until {@link #submit}, which comes after each batch, so
 * that many of them cost one system call. Operations begin inside {@link BlockCompletion#completed}
 * and {@link BlockCompletion#batchEnded} too; before the latter returns, they are submitted.
 *
 * <p>Threads: the device's I/O thread for everything but {@link #close}, which the owner calls when
 * the device has stopped.
 */
public interface BlockBackend extends AutoCloseable {
  /** All bytes were moved, or all data is on the medium. */
  int DONE = 0;

  /** The end will be told. */
  int PENDING = 1;

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
  default BlockLimits limits() {
    return BlockLimits.SECTORS;
  }

  /** How many operations it can have pending, at least one. */
  int maxPending();

  /**
   * Comes once, before the first operation.
   *
   * @param loop whose thread calls everything here, to watch descriptors with
   * @param completion whom to tell the end of pending operations
   */
  void attach(IoLoop loop, BlockCompletion completion);

  /**
   * Hot: reads from {@code offset} into all of the buffers.
   *
   * @param buffers the backend may use it up, and until the operation's end it is the backend's
   * @param token names the operation in {@link BlockCompletion#completed}: from 0 to {@link
   *     #maxPending} - 1, and not that of another one that is pending
   */
  int read(CallState state, IovecArray buffers, long offset, int token);

  /** Hot: writes all of the buffers at {@code offset}. */
  int write(CallState state, IovecArray buffers, long offset, int token);

  /** Hot: done when every write that was done before is on the medium. */
  int flush(CallState state, int token);

  /**
   * Hot: the data of this range is no longer needed, its space may be given back. Called only where
   * {@link BlockLimits#canDiscard}.
   */
  default int discard(CallState state, long offset, long length, int token) {
    return -Errno.EOPNOTSUPP;
  }

  /**
   * Hot: this range reads as zeroes afterwards. Called only where {@link
   * BlockLimits#canWriteZeroes}.
   *
   * @param mayDiscard whether its space may be given back as well
   */
  default int writeZeroes(
      CallState state, long offset, long length, boolean mayDiscard, int token) {
    return -Errno.EOPNOTSUPP;
  }

  /** Hot: the batch is over: begins what was only collected. */
  default void submit(CallState state) {}

  /**
   * The device is being reset: what is pending should end soon, with {@code -ECANCELED} where it
   * cannot be done (a server that does not answer). Each operation's end is still told, and from
   * then on the backend touches its buffers no more. Operations that come afterwards are as any.
   */
  default void cancel(CallState state) {}

  @Override
  void close();
}
