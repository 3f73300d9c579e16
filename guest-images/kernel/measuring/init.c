/*
 * The first program of a measured boot: prints `~`, the time stamp counter (instructions, when QEMU counts them), free
 * memory in KiB and, given the word `log`, the kernel's log; then powers off.
 */
#include "../../userland/syscalls.h"

enum { SYS_SYSINFO = 99, SYS_SYSLOG = 103, SYS_REBOOT = 169 };
enum { READ_ALL = 3 };

static char log[1 << 20];

static void print(unsigned long value) {
  char text[24];
  long at = sizeof text;
  text[--at] = ' ';
  do {
    text[--at] = '0' + value % 10;
    value /= 10;
  } while (value > 0);
  syscall3(SYS_WRITE, 1, (long)text + at, sizeof text - at);
}

__attribute__((used)) static void run(long *stack) {
  unsigned low, high;
  struct {
    long uptime;
    unsigned long loads[3], total, free, rest[32];
  } info;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  syscall3(SYS_WRITE, 1, (long)"~ ", 2);
  print((unsigned long)high << 32 | low);
  syscall3(SYS_SYSINFO, (long)&info, 0, 0);
  print(info.free >> 10);
  syscall3(SYS_WRITE, 1, (long)"\n", 1);
  if (stack[0] > 1) {
    syscall3(SYS_WRITE, 1, (long)log, syscall3(SYS_SYSLOG, READ_ALL, (long)log, sizeof log));
  }
  syscall3(SYS_IOCTL, 1, 0x5409, 1); /* tcdrain */
  syscall6(SYS_REBOOT, 0xfee1dead, 672274793, 0x4321fedc, 0, 0, 0);
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall run\n");
