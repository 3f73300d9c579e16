package io.jvmm.virtio.queue;

import io.jvmm.memory.GuestMemory;

/**
 * Who wants to be told of what: by {@code used_event} and {@code avail_event} where
 * VIRTIO_F_RING_EVENT_IDX was agreed on, else by the flags of the rings (virtio 1.2, 2.7.7,
 * 2.7.10). The fences around these plain accesses are {@link SplitQueue}'s.
 *
 * <p>Threads: the queue's owner.
 */
final class Suppression {
  private final GuestMemory memory;
  private final boolean eventIdx;
  private final long availFlagsGpa;
  private final long usedEventGpa;
  private final long usedFlagsGpa;
  private final long availEventGpa;

  Suppression(GuestMemory memory, QueueConfig config, boolean eventIdx) {
    this.memory = memory;
    this.eventIdx = eventIdx;
    this.availFlagsGpa = config.availGpa() + VirtqLayout.AVAIL_FLAGS;
    this.usedEventGpa = config.availGpa() + VirtqLayout.usedEvent(config.size());
    this.usedFlagsGpa = config.usedGpa() + VirtqLayout.USED_FLAGS;
    this.availEventGpa = config.usedGpa() + VirtqLayout.availEvent(config.size());
  }

  /**
   * Whether the driver wants an interrupt for {@code used.idx} having gone from {@code before} to
   * {@code after}.
   */
  boolean isInterruptWanted(int before, int after) {
    if (eventIdx) {
      return hasPassed(memory.getShort(usedEventGpa), before, after);
    }
    return (memory.getShort(availFlagsGpa) & VirtqLayout.VIRTQ_AVAIL_F_NO_INTERRUPT) == 0;
  }

  /**
   * Whether the index {@code event} is among those just filled, {@code before} up to but not
   * including {@code after}, all modulo 2^16.
   */
  static boolean hasPassed(int event, int before, int after) {
    return ((after - event - 1) & 0xffff) < ((after - before) & 0xffff);
  }

  /** Asks for a doorbell when the driver fills entry {@code nextAvail}. */
  void askForDoorbell(int nextAvail) {
    if (eventIdx) {
      memory.setShort(availEventGpa, (short) nextAvail);
    } else {
      memory.setShort(usedFlagsGpa, (short) 0);
    }
  }

  /**
   * Asks for no doorbells. With event indices there is nothing to do: an {@code avail_event} that
   * stays behind asks for none.
   */
  void refuseDoorbells() {
    if (!eventIdx) {
      memory.setShort(usedFlagsGpa, (short) VirtqLayout.VIRTQ_USED_F_NO_NOTIFY);
    }
  }
}
