/* The machine as a payload guest sees it: ports, COM1 by polling, power off. */
#ifndef MACHINE_H
#define MACHINE_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

enum {
    COM1 = 0x3f8,
    COM1_LSR = COM1 + 5,
    LSR_DATA_READY = 0x01,
    LSR_THR_EMPTY = 0x20,
    I8042_COMMAND = 0x64,
    I8042_RESET = 0xfe,
    RTC_INDEX = 0x70,
    RTC_DATA = 0x71,
    PVPANIC = 0x505,
    PVPANIC_PANICKED = 0x01,
    MILESTONE = 0x5f0,
    MILESTONE_INIT = 1,
    SLEEP_CONTROL = 0x600,
    SLEEP_S5_ENABLE = (5 << 2) | 0x20,
};

static inline void outb(u16 port, u8 value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

static inline u8 inb(u16 port) {
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void print_char(char c) {
    while (!(inb(COM1_LSR) & LSR_THR_EMPTY)) {
    }
    outb(COM1, (u8)c);
}

static inline void print(const char *text) {
    for (; *text; text++) {
        print_char(*text);
    }
}

static inline void print_number(u64 value) {
    char digits[20];
    int n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (n) {
        print_char(digits[--n]);
    }
}

static inline void power_off(void) {
    outb(SLEEP_CONTROL, SLEEP_S5_ENABLE);
    for (;;) {
        __asm__ volatile("hlt");
    }
}

void main(const u8 *boot_info);

#endif
