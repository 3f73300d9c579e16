package io.jvmm.devices.block;

import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;

/**
 * What holds a disk's data. Offsets and lengths have been checked: whole sectors within {@link
 * #length}, no writes where it is read-only.
 *
 * <p>An operation answers {@link #DONE}, {@code -errno}, or {@link #PENDING}: then {@link
 * BlockCompletion#completed} tells the end later, on the same thread and from a turn of its own,
 * and the buffers stay untouched by others until then. What is done is done in full: a backend goes
 * on after a short transfer itself.
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

  /** In bytes; does not change. */
  long length();

  /** Whether writes are refused. */
  boolean isReadOnly();

  /** How many operations it can have pending, at least one. */
  int maxPending();

  /** Whom to tell the end of pending operations; comes before the first of them. */
  void attach(BlockCompletion completion);

  /**
   * Hot: reads from {@code offset} into all of the buffers.
   *
   * @param buffers the backend may use it up
   * @param token names the operation in {@link BlockCompletion#completed}
   */
  int read(CallState state, IovecArray buffers, long offset, int token);

  /** Hot: writes all of the buffers at {@code offset}. */
  int write(CallState state, IovecArray buffers, long offset, int token);

  /** Hot: done when every write that was done before is on the medium. */
  int flush(CallState state, int token);

  @Override
  void close();
}
