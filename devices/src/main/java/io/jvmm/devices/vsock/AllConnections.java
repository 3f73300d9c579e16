package io.jvmm.devices.vsock;

import org.jspecify.annotations.Nullable;

/**
 * Every connection there is, those included that the guest has forgotten, linked through
 * themselves.
 *
 * <p>Threads: the device's I/O thread.
 */
final class AllConnections {
  private @Nullable Connection first;
  private int count;

  int count() {
    return count;
  }

  /** Any of them, or null where there is none. */
  @Nullable Connection first() {
    return first;
  }

  /** Adds one that is not there. */
  void add(Connection connection) {
    connection.nextOfAll = first;
    if (first != null) {
      first.previousOfAll = connection;
    }
    first = connection;
    count++;
  }

  /** Takes out one that is there. */
  void remove(Connection connection) {
    Connection next = connection.nextOfAll;
    Connection previous = connection.previousOfAll;
    if (next != null) {
      next.previousOfAll = previous;
    }
    if (previous != null) {
      previous.nextOfAll = next;
    } else {
      first = next;
    }
    count--;
  }
}
