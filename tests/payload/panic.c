/* Says that it panicked, as Linux' pvpanic driver does, and then resets as Linux does with panic=-1. */
#include "machine.h"

void main(const u8 *boot_info) {
    (void)boot_info;
    print("panicking\n");
    outb(PVPANIC, PVPANIC_PANICKED);
    outb(I8042_COMMAND, I8042_RESET);
    power_off();
}
