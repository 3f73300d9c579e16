/* Resets the machine through the keyboard controller. */
#include "machine.h"

void main(const u8 *boot_info) {
    (void)boot_info;
    print("resetting\n");
    outb(I8042_COMMAND, I8042_RESET);
    print("still here\n");
    power_off();
}
