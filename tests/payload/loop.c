/* Never ends, and never leaves the guest. */
#include "machine.h"

void main(const u8 *boot_info) {
    (void)boot_info;
    print("looping\n");
    for (;;) {
        __asm__ volatile("pause");
    }
}
