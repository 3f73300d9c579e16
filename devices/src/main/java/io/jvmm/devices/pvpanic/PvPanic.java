package io.jvmm.devices.pvpanic;

import io.jvmm.devices.GuestEvents;
import io.jvmm.devices.PortDevice;

/**
 * The pvpanic device (ACPI id QEMU0001): one port, read for the events that are understood, written
 * when one happens ({@code uapi/misc/pvpanic.h}).
 *
 * <p>Threads: has no state.
 */
public final class PvPanic implements PortDevice {
  /** The guest panicked. */
  static final int PANICKED = 1;

  /**
   * The guest panicked and a crash kernel takes over. It is understood, so that the guest does not
   * say "panicked" instead, and it is not the machine's end: the crash kernel writes its dump and
   * then resets the machine.
   */
  static final int CRASH_LOADED = 2;

  private final GuestEvents events;

  /** One that tells {@code events} of a panic. */
  public PvPanic(GuestEvents events) {
    this.events = events;
  }

  @Override
  public int read(int offset, int size) {
    return PANICKED | CRASH_LOADED;
  }

  @Override
  public void write(int offset, int size, int value) {
    if ((value & PANICKED) != 0) {
      events.panicked();
    }
  }
}
