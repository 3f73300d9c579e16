package io.jvmm.devices.vsock;

import org.jspecify.annotations.Nullable;

/**
 * Connections by their ports: open addressing, at most half full, no allocation but to grow.
 *
 * <p>Threads: the device's I/O thread.
 */
final class ConnectionTable {
  private static final int INITIAL_SLOTS = 16;

  private @Nullable Connection[] slots = new Connection[INITIAL_SLOTS];
  private int size;

  int size() {
    return size;
  }

  /** The connection between these ports, or null. */
  @Nullable Connection get(int hostPort, int guestPort) {
    for (int i = home(hostPort, guestPort); ; i = next(i)) {
      Connection there = slots[i];
      if (there == null || (there.hostPort() == hostPort && there.guestPort() == guestPort)) {
        return there;
      }
    }
  }

  /** Adds one whose ports nobody has. */
  void add(Connection connection) {
    if (2 * (size + 1) > slots.length) {
      grow();
    }
    place(connection);
    size++;
  }

  private void place(Connection connection) {
    int i = home(connection.hostPort(), connection.guestPort());
    while (slots[i] != null) {
      i = next(i);
    }
    slots[i] = connection;
  }

  private void grow() {
    @Nullable Connection[] old = slots;
    slots = new Connection[2 * old.length];
    for (Connection connection : old) {
      if (connection != null) {
        place(connection);
      }
    }
  }

  /** Removes it, if it is there. */
  void remove(Connection connection) {
    int hole = home(connection.hostPort(), connection.guestPort());
    while (slots[hole] != connection) {
      if (slots[hole] == null) {
        return;
      }
      hole = next(hole);
    }
    slots[hole] = null;
    size--;
    // Those behind, up to the next gap, may have come here from before the hole.
    for (int i = next(hole); ; i = next(i)) {
      Connection moved = slots[i];
      if (moved == null) {
        return;
      }
      int home = home(moved.hostPort(), moved.guestPort());
      if (distance(home, i) >= distance(hole, i)) {
        slots[hole] = moved;
        slots[i] = null;
        hole = i;
      }
    }
  }

  private int distance(int from, int to) {
    return (to - from) & (slots.length - 1);
  }

  private int next(int slot) {
    return (slot + 1) & (slots.length - 1);
  }

  /** Guests choose ports as they like: the multiplications keep rows of them apart. */
  private int home(int hostPort, int guestPort) {
    int hash = hostPort * 0x9e3779b1 ^ guestPort * 0x85ebca77;
    hash ^= hash >>> 15;
    hash *= 0x2c1b3c6d;
    return (hash ^ hash >>> 13) & (slots.length - 1);
  }
}
