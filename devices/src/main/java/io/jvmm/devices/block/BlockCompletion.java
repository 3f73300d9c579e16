package io.jvmm.devices.block;

import io.jvmm.host.CallState;

/** Hears of the end of pending operations, on the device's I/O thread. */
@FunctionalInterface
public interface BlockCompletion {
  /**
   * Hot: an operation has ended.
   *
   * @param token as it was begun with
   * @param result {@link BlockBackend#DONE} or {@code -errno}
   */
  void completed(CallState state, int token, int result);
}
