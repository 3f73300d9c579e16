package io.jvmm.devices.block.nbd;

import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;

/** Moves bytes between buffers and a server, as they are or encrypted; never waits. */
interface NbdChannel {
  /** What {@link #receive} answers where it has worked enough for a turn: there may be more. */
  long ENOUGH = Long.MIN_VALUE;

  /** Hot: a turn of the thread begins, in which {@link #receive} works so much and no more. */
  default void beginTurn() {}

  /** Hot: bytes taken from the front of the buffers, {@code -EAGAIN}, or {@code -errno}. */
  long send(CallState state, IovecArray buffers);

  /**
   * Hot: bytes put to the front, 0 at the end, {@code -EAGAIN}, {@link #ENOUGH}, or {@code -errno}.
   */
  long receive(CallState state, IovecArray buffers);

  /**
   * Hot: sends what {@link #send} has taken and not sent.
   *
   * @return 0 where nothing is left, {@code -EAGAIN} where the rest has to wait, or {@code -errno}
   */
  long flush(CallState state);

  /** Whether a {@link #receive} of less than was asked for means that there is no more yet. */
  boolean shortMeansEmpty();
}
