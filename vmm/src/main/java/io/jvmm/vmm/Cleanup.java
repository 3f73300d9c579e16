package io.jvmm.vmm;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Closes owners in order, all of them, whatever one of them throws. */
final class Cleanup {
  private Cleanup() {}

  /**
   * Empties the queue from its head; the first failure is thrown at the end, with the others
   * suppressed.
   */
  static void closeAll(ArrayDeque<AutoCloseable> owners) {
    RuntimeException failure = closeAllAfter(null, owners);
    if (failure != null) {
      throw failure;
    }
  }

  /** As {@link #closeAll}, on the way of a failure that already is. */
  static @Nullable RuntimeException closeAllAfter(
      @Nullable RuntimeException failure, ArrayDeque<AutoCloseable> owners) {
    RuntimeException first = failure;
    while (!owners.isEmpty()) {
      try {
        owners.pop().close();
      } catch (Exception e) {
        if (first == null) {
          first = e instanceof RuntimeException r ? r : new IllegalStateException(e);
        } else {
          first.addSuppressed(e);
        }
      }
    }
    return first;
  }
}
