/*
 * try-syscall NUMBER [ARGUMENT...]: makes one system call; exit status 0 when it succeeds, else its errno. An argument is
 * a decimal number, `@` for the address of a zeroed page, or else text whose address is passed. For scripts that ask what
 * a kernel can do, where busybox has no command for it.
 */
#include "syscalls.h"

static char page[4096] __attribute__((aligned(4096)));

static long argument(const char *text) {
  long value = 0;
  if (text[0] == '@' && text[1] == 0) {
    return (long)page;
  }
  for (const char *c = text; *c; c++) {
    if (*c < '0' || *c > '9') {
      return (long)text;
    }
    value = value * 10 + (*c - '0');
  }
  return value;
}

__attribute__((used)) static void run(long *stack) {
  char **argv = (char **)(stack + 1);
  long call[7] = {0};
  for (long i = 1; i < stack[0] && i <= 7; i++) {
    call[i - 1] = argument(argv[i]);
  }
  long result = syscall6(call[0], call[1], call[2], call[3], call[4], call[5], call[6]);
  syscall3(SYS_EXIT, result < 0 ? -result : 0, 0, 0);
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall run\n");
