package io.jvmm.devices.i8042;

import io.jvmm.devices.GuestEvents;
import io.jvmm.devices.PortDevice;

/**
 * Ports 0x60 to 0x64 of a PC whose keyboard controller does nothing but pulse the reset line.
 *
 * <p>There is no keyboard, and a driver must find that out quickly. So the status says for ever
 * that a byte is waiting: a driver that empties the output buffer first, as Linux does, gives up
 * after 16 bytes, in a millisecond, with "no controller found". A controller that answered a part
 * of the commands would cost it half a second for each of the rest. The input buffer is never full,
 * so a reset is sent without waiting.
 *
 * <p>Threads: has no state.
 */
public final class I8042 implements PortDevice {
  /** From the data port to the command port. */
  public static final int PORT_COUNT = 5;

  private static final int DATA = 0;
  private static final int STATUS_COMMAND = 4;

  /** The output buffer is full; bit 1, the input buffer, is not. */
  private static final int STATUS = 0x01;

  private static final int NOTHING = 0xFF;

  /** Commands 0xF0 to 0xFF pulse the lines whose bits are 0; line 0 is the CPU's reset. */
  private static final int PULSE_LINES = 0xF0;

  private static final int RESET_LINE = 0x01;

  private final GuestEvents events;

  /** One that tells {@code events} of a reset. */
  public I8042(GuestEvents events) {
    this.events = events;
  }

  @Override
  public int read(int offset, int size) {
    return switch (offset) {
      case DATA -> NOTHING;
      case STATUS_COMMAND -> STATUS;
      default -> 0; // 0x61 to 0x63: the speaker's gate and timers, all off
    };
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset == STATUS_COMMAND && (value & (PULSE_LINES | RESET_LINE)) == PULSE_LINES) {
      events.reset();
    }
  }
}
