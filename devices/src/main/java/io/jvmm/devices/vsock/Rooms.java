package io.jvmm.devices.vsock;

/**
 * How much of what a guest sends is kept for each connection whose host's end is slow.
 *
 * <p>Threads: the device's I/O thread.
 */
final class Rooms {
  /** So many connections at a time have {@link #LARGE}, which keeps a fast one in flow. */
  private static final int LARGE_COUNT = 128;

  private static final int LARGE = 256 * 1024;
  private static final int SMALL = 32 * 1024;

  /**
   * What a message of the guest may have, since a socket of messages takes one whole, and has its
   * own limit; the pool is there for streams first.
   */
  private static final int OF_MESSAGES = 64 * 1024;

  /** Rooms of all streams, and a chunk more for each, since bytes begin anywhere in one. */
  static final long POOL_MAX =
      (long) LARGE_COUNT * LARGE + (long) Mux.CONNECTIONS_MAX * (SMALL + 2 * ChunkPool.CHUNK);

  private int large;

  /** Room for one more connection, in bytes. */
  int take(boolean messages) {
    if (messages) {
      return OF_MESSAGES;
    }
    if (large == LARGE_COUNT) {
      return SMALL;
    }
    large++;
    return LARGE;
  }

  /** A connection with so much room is gone. */
  void give(int room) {
    if (room == LARGE) {
      large--;
    }
  }
}
