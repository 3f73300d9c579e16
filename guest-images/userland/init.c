/*
 * The guest's first program. Tells the VMM that user space was reached (one byte to the milestone port), mounts the
 * kernel's file systems and becomes busybox init. In C because a shell would start a process for every mount.
 */
#include "syscalls.h"

enum { MILESTONE_PORT = 0x5f0, INIT_REACHED = 1 };

static long mount(const char *type, const char *target, long flags, const char *options) {
  return syscall6(SYS_MOUNT, (long)type, (long)target, (long)type, flags, (long)options, 0);
}

static void tell_milestone(void) {
  long port = syscall3(SYS_OPEN, (long)"/dev/port", O_WRONLY, 0);
  if (port == -ENOENT && mount("devtmpfs", "/dev", MS_NOSUID, 0) == 0) { /* an initramfs: nobody has mounted it yet */
    port = syscall3(SYS_OPEN, (long)"/dev/port", O_WRONLY, 0);
  }
  if (port >= 0) {
    const char milestone = INIT_REACHED;
    syscall3(SYS_LSEEK, port, MILESTONE_PORT, 0);
    syscall3(SYS_WRITE, port, (long)&milestone, 1);
    syscall3(SYS_CLOSE, port, 0, 0);
  }
}

/* Entered with the stack that the kernel made: argc, argv, null, environment. */
__attribute__((used)) static void run(long *stack) {
  char **argv = (char **)(stack + 1);
  char **environment = argv + stack[0] + 1;

  tell_milestone();
  mount("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0);
  mount("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0);
  mount("cgroup2", "/sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, "nsdelegate");
  mount("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755");
  mount("tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
  syscall3(SYS_MKDIR, (long)"/dev/pts", 0755, 0);
  mount("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "ptmxmode=666");

  argv[0] = "init";
  syscall3(SYS_EXECVE, (long)"/bin/busybox", (long)argv, (long)environment);
  syscall3(SYS_EXIT, 127, 0, 0); /* the kernel then panics and names init */
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall run\n");
