package io.jvmm.devices.balloon;

/**
 * What the guest says of its memory (virtio 1.2, 5.5.6.4); it may lie. {@link #UNKNOWN} where it
 * said nothing.
 *
 * @param swapIn bytes swapped in since it booted
 * @param swapOut bytes swapped out since it booted
 * @param majorFaults page faults with I/O since it booted
 * @param minorFaults page faults without
 * @param freeMemory bytes that nothing uses
 * @param totalMemory bytes that there are
 * @param availableMemory bytes that a new program could get without swapping
 * @param diskCaches bytes of cached files
 * @param hugePagesAllocated huge pages that were allocated
 * @param hugePagesFailed huge pages that could not be
 */
public record BalloonStatistics(
    long swapIn,
    long swapOut,
    long majorFaults,
    long minorFaults,
    long freeMemory,
    long totalMemory,
    long availableMemory,
    long diskCaches,
    long hugePagesAllocated,
    long hugePagesFailed) {
  /** The guest said nothing of it. */
  public static final long UNKNOWN = -1;

  /** How many tags there are (5.5.6.4), 0 and up. */
  static final int TAG_COUNT = 10;

  /** From values by tag. */
  static BalloonStatistics of(long[] values) {
    return new BalloonStatistics(
        values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7],
        values[8], values[9]);
  }
}
