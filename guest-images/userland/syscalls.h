/* System calls without a C library: these programs are a few hundred bytes and start in no time. x86-64. */
#pragma once

enum { SYS_WRITE = 1, SYS_OPEN = 2, SYS_CLOSE = 3, SYS_LSEEK = 8, SYS_IOCTL = 16, SYS_EXECVE = 59, SYS_EXIT = 60, SYS_MKDIR = 83, SYS_MOUNT = 165 };
enum { ENOENT = 2 };
enum { O_WRONLY = 1, O_RDWR = 2, O_NOCTTY = 0400 };
enum { MS_NOSUID = 2, MS_NODEV = 4, MS_NOEXEC = 8 };

static long syscall6(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static inline long syscall3(long number, long a, long b, long c) {
  return syscall6(number, a, b, c, 0, 0, 0);
}
