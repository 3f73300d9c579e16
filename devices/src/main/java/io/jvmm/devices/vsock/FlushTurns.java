package io.jvmm.devices.vsock;

import io.jvmm.devices.io.IoHandler;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import java.util.ArrayDeque;

/**
 * Connections with more for their host's end than is passed on in one go: each has a share at the
 * end of every turn of the loop.
 *
 * <p>Threads: the device's I/O thread.
 */
final class FlushTurns {
  private final IoLoop loop;
  private final ArrayDeque<Connection> waiting = new ArrayDeque<>();
  private final IoHandler flush = this::flush;
  private boolean deferred;

  FlushTurns(IoLoop loop) {
    this.loop = loop;
  }

  /** Adds one that may be there already. */
  void add(Connection connection) {
    if (!connection.isToFlush) {
      connection.isToFlush = true;
      waiting.add(connection);
      defer();
    }
  }

  private void defer() {
    if (!deferred && !waiting.isEmpty()) {
      deferred = true;
      loop.defer(flush);
    }
  }

  private void flush(CallState call, int events) {
    deferred = false;
    for (int left = waiting.size(); left > 0; left--) {
      Connection next = waiting.poll();
      if (next != null) {
        next.isToFlush = false;
        next.writable(call);
      }
    }
    defer();
  }

  /** Forgets all, who are at their end. */
  void clear() {
    waiting.clear();
  }
}
