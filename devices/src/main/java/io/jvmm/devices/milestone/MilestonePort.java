package io.jvmm.devices.milestone;

import io.jvmm.devices.GuestEvents;
import io.jvmm.devices.PortDevice;

/**
 * One port that takes the number of a boot milestone: 1 when init runs. Reads as zero.
 *
 * <p>Threads: has no state.
 */
public final class MilestonePort implements PortDevice {
  private final GuestEvents events;

  /** One that passes numbers on to {@code events}. */
  public MilestonePort(GuestEvents events) {
    this.events = events;
  }

  @Override
  public int read(int offset, int size) {
    return 0;
  }

  @Override
  public void write(int offset, int size, int value) {
    events.milestone(value & 0xFF);
  }
}
