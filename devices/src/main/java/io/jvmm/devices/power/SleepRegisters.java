package io.jvmm.devices.power;

import io.jvmm.devices.GuestEvents;
import io.jvmm.devices.PortDevice;

/**
 * The sleep control and sleep status registers of a hardware-reduced ACPI machine (ACPI 6.4,
 * 4.8.3.7), at two ports that follow each other.
 *
 * <p>Threads: any vCPU thread.
 */
public final class SleepRegisters implements PortDevice {
  /** Control, then status. */
  public static final int PORT_COUNT = 2;

  private static final int CONTROL = 0;
  private static final int STATUS = 1;
  private static final int SLP_TYP_SHIFT = 2;
  private static final int SLP_TYP_MASK = 7;
  private static final int SLP_EN = 0x20;
  private static final int WAK_STS = 0x80;

  private final int softOffType;
  private final GuestEvents events;
  private volatile boolean woken;

  /**
   * Registers of a machine that is awake.
   *
   * @param softOffType the SLP_TYP, 0 to 7, that the DSDT's {@code \_S5} names
   */
  public SleepRegisters(int softOffType, GuestEvents events) {
    this.softOffType = softOffType;
    this.events = events;
  }

  @Override
  public int read(int offset, int size) {
    return offset == STATUS && woken ? WAK_STS : 0;
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset == STATUS) {
      if ((value & WAK_STS) != 0) {
        woken = false; // written with 1 to clear
      }
      return;
    }
    if (offset != CONTROL || (value & SLP_EN) == 0) {
      return;
    }
    if ((value >> SLP_TYP_SHIFT & SLP_TYP_MASK) == softOffType) {
      events.powerOff();
    } else {
      woken = true; // a state that there is not: awake again at once, since the driver waits for it
    }
  }
}
