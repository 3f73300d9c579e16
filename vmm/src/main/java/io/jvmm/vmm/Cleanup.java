package io.jvmm.vmm;

import java.util.ArrayDeque;

/** Closes owners in order, all of them, whatever one of them throws. */
final class Cleanup {
  private Cleanup() {}

  /**
   * Empties the queue from its head; the first failure is thrown at the end, with the others
   * suppressed.
   */
  static void closeAll(ArrayDeque<AutoCloseable> owners) {
    RuntimeException failure = null;
    while (!owners.isEmpty()) {
      try {
        owners.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = e instanceof RuntimeException r ? r : new IllegalStateException(e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * As {@link #closeAll}, on the way of a failure that already is: it gets what goes wrong here as
   * suppressed.
   */
  static void closeAllAfter(Throwable failure, ArrayDeque<AutoCloseable> owners) {
    try {
      closeAll(owners);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
