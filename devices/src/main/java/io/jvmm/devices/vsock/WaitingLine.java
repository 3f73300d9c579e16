package io.jvmm.devices.vsock;

import org.jspecify.annotations.Nullable;

/**
 * Connections that have something to tell the guest, each once, in the order in which they came:
 * who has told one thing and has more goes to the end, so nobody waits for more than one packet of
 * each other.
 *
 * <p>Threads: the device's I/O thread.
 */
final class WaitingLine {
  private @Nullable Connection first;
  private @Nullable Connection last;

  boolean isEmpty() {
    return first == null;
  }

  /** Adds one that may be there already. */
  void add(Connection connection) {
    if (connection.isInLine) {
      return;
    }
    connection.isInLine = true;
    connection.nextInLine = null;
    if (last == null) {
      first = connection;
    } else {
      last.nextInLine = connection;
    }
    last = connection;
  }

  /** Takes the first one, or null. */
  @Nullable Connection take() {
    Connection taken = first;
    if (taken != null) {
      first = taken.nextInLine;
      if (first == null) {
        last = null;
      }
      taken.nextInLine = null;
      taken.isInLine = false;
    }
    return taken;
  }
}
