/*
 * The floor of every KVM monitor: the ioctls that none can leave out, a guest of two instructions, and one byte on
 * stdout when it has run. What a monitor's start costs beyond this is its own.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RAM = 128 << 20, COM1 = 0x3f8, CODE = 0x1000 };

/* Real mode: mov $0x3f8,%dx; out %al,(%dx); hlt */
static const unsigned char GUEST[] = {0xba, 0xf8, 0x03, 0xee, 0xf4};

static long need(long result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(3);
  }
  return result;
}

int main(void) {
  int kvm = (int)need(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
  int vm = (int)need(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
  unsigned char *ram = mmap(0, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  need(ram == MAP_FAILED ? -1 : 0, "mmap");
  memcpy(ram + CODE, GUEST, sizeof GUEST);
  struct kvm_userspace_memory_region slot = {.memory_size = RAM, .userspace_addr = (unsigned long)ram};
  need(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "KVM_SET_USER_MEMORY_REGION");

  int vcpu = (int)need(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
  long size = need(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
  struct kvm_run *run = mmap(0, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
  need(run == MAP_FAILED ? -1 : 0, "mmap of the vCPU");
  struct kvm_sregs segments;
  need(ioctl(vcpu, KVM_GET_SREGS, &segments), "KVM_GET_SREGS");
  segments.cs.base = 0;
  segments.cs.selector = 0;
  need(ioctl(vcpu, KVM_SET_SREGS, &segments), "KVM_SET_SREGS");
  struct kvm_regs registers = {.rip = CODE, .rflags = 2};
  need(ioctl(vcpu, KVM_SET_REGS, &registers), "KVM_SET_REGS");

  need(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
  if (run->exit_reason != KVM_EXIT_IO || run->io.port != COM1) {
    fprintf(stderr, "floor: exit reason %u\n", run->exit_reason);
    return 4;
  }
  return write(1, "!", 1) == 1 ? 0 : 4;
}
