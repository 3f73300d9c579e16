/* Touches every device the way an operating system's drivers do when it boots, and prints what it found. */
#include "virtio-blk.h"

enum { SLOTS = 17, COM1_IER = COM1 + 1, COM1_IIR_FCR = COM1 + 2, COM1_LCR = COM1 + 3, COM1_MCR = COM1 + 4 };

static struct blk_queue queues[SLOTS];
static u8 buffer[4096] __attribute__((aligned(4096)));

static void serial_console(void) {
    outb(COM1_IER, 0);
    outb(COM1_LCR, 0x83); /* divisor latch, 8 bits */
    outb(COM1, 1);
    outb(COM1_IER, 0);
    outb(COM1_LCR, 0x03);
    outb(COM1_IIR_FCR, 0xc7); /* FIFOs on and empty */
    outb(COM1_MCR, 0x0b);     /* DTR, RTS, interrupts to the bus */
    (void)inb(COM1_IIR_FCR);
    (void)inb(COM1 + 6);
    (void)inb(COM1 + 7);
    outb(COM1 + 7, 0x5a);
    outb(COM1_IER, 0x07);
}

static void clock(void) {
    for (u8 i = 0; i < 14; i++) {
        outb(RTC_INDEX, i);
        buffer[i] = inb(RTC_DATA);
    }
    outb(RTC_INDEX, 0x0b);
    outb(RTC_DATA, buffer[0x0b]);
}

static void disks(void) {
    u32 count = 0;
    for (u32 slot = 0; slot < SLOTS; slot++) {
        if (!virtio_is_block(slot)) {
            continue;
        }
        struct blk blk;
        if (blk_start(&blk, slot, &queues[slot])) {
            print("disk did not start\n");
            continue;
        }
        int bad = blk_do(&blk, BLK_T_GET_ID, 0, buffer, 20);
        bad |= blk_do(&blk, BLK_T_IN, 0, buffer, sizeof buffer);
        if (!blk.read_only) {
            bad |= blk_do(&blk, BLK_T_OUT, 0, buffer, sizeof buffer);
            bad |= blk_do(&blk, BLK_T_FLUSH, 0, 0, 0);
        }
        (void)blk_do(&blk, BLK_T_IN, ~0ul / SECTOR, buffer, SECTOR); /* past its end: an error, no more */
        print(bad ? "disk failed: " : "disk of sectors: ");
        print_number(blk.sectors);
        print("\n");
        count++;
    }
    print("disks: ");
    print_number(count);
    print("\n");
}

void main(const u8 *boot_info) {
    (void)boot_info;
    serial_console();
    print("payload boots\n");
    (void)inb(I8042_COMMAND);
    (void)inb(PVPANIC);
    (void)inb(SLEEP_CONTROL + 1);
    (void)inb(0x80); /* no device is there */
    outb(0x80, 0);
    clock();
    disks();
    outb(MILESTONE, MILESTONE_INIT);
    power_off();
}
