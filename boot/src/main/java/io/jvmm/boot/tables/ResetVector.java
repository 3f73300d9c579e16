package io.jvmm.boot.tables;

/**
 * The code where a PC's firmware begins. There is no firmware here; but a kernel that restarts the
 * machine "by the BIOS" jumps there in real mode, and finds the way to reset that it did not try.
 * (Linux with EFI support, when told of hardware-reduced ACPI, tries EFI and then the BIOS, and
 * nothing else.)
 */
public final class ResetVector {
  private ResetVector() {}

  /**
   * Real-mode code that resets the machine by its keyboard controller.
   *
   * @param port of the controller's commands, below 256
   * @param command that pulses the reset line
   */
  public static byte[] bytes(int port, int command) {
    return new byte[] {
      (byte) 0xB0,
      (byte) command, // mov al, command
      (byte) 0xE6,
      (byte) port, // out port, al
      (byte) 0xF4, // hlt
      (byte) 0xEB,
      (byte) 0xFD // jmp to the hlt
    };
  }
}
