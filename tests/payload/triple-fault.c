/* Touches what is not mapped, with no handler for that nor for the fault that follows. */
#include "machine.h"

void main(const u8 *boot_info) {
    (void)boot_info;
    struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) none = {0, 0};
    print("faulting\n");
    __asm__ volatile("lidt %0" : : "m"(none));
    *(volatile u64 *)0x500000000000 = 1;
    print("still here\n");
    power_off();
}
