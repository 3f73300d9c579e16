/* Says hello, with what the loader handed over where it is a zero page. */
#include "machine.h"

enum { ZERO_PAGE_INITRD = 0x218, ZERO_PAGE_INITRD_SIZE = 0x21c, ZERO_PAGE_COMMAND_LINE = 0x228 };

#define PVH_MAGIC 0x336ec578u

void main(const u8 *boot_info) {
    print("hello\n");
    if (*(const u32 *)boot_info == PVH_MAGIC) {
        print("entered by PVH\n");
    } else {
        print("command line: ");
        print((const char *)(u64) * (const u32 *)(boot_info + ZERO_PAGE_COMMAND_LINE));
        print("\n");
        const char *initrd = (const char *)(u64) * (const u32 *)(boot_info + ZERO_PAGE_INITRD);
        u32 size = *(const u32 *)(boot_info + ZERO_PAGE_INITRD_SIZE);
        if (size) {
            print("initrd of ");
            print_number(size);
            print(" bytes: ");
            for (u32 i = 0; i < size && i < 16; i++) {
                print_char(initrd[i]);
            }
            print("\n");
        }
    }
    outb(MILESTONE, MILESTONE_INIT);
    power_off();
}
