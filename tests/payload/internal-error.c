/* Runs code at an address that is no memory: KVM cannot fetch the instruction, whatever the hardware. */
#include "machine.h"

void main(const u8 *boot_info) {
    (void)boot_info;
    print("jumping out of memory\n");
    ((void (*)(void))0xe0000000ul)();
    print("still here\n");
    power_off();
}
