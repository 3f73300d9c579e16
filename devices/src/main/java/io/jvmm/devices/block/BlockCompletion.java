package io.jvmm.devices.block;

import io.jvmm.host.CallState;

/**
 * Hears of the end of pending operations, on the device's I/O thread: of all that have ended by
 * now, one after the other, and then of the batch's end.
 */
public interface BlockCompletion {
  /**
   * Hot: an operation has ended.
   *
   * @param token as it was begun with
   * @param result {@link BlockBackend#DONE} or {@code -errno}
   */
  void completed(CallState state, int token, int result);

  /**
   * Hot: nothing more has ended for now. Only here is the driver told, with one interrupt at most
   * for the whole batch, so every {@link #completed} has one of these after it in the same turn.
   * The device may begin operations inside, and calls {@link BlockBackend#submit} for them.
   */
  void batchEnded(CallState state);
}
