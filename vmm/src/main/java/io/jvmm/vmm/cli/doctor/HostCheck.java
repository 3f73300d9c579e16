package io.jvmm.vmm.cli.doctor;

import io.jvmm.host.Errno;
import io.jvmm.host.uring.IoUringProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks of the host that have nothing to do with KVM; none of them keeps Linux from booting. */
final class HostCheck {
  private static final long KIB_PER_MIB = 1024;

  /** Below this a guest of the default size and its monitor would push others out. */
  private static final long AVAILABLE_MIN_MIB = 512;

  /**
   * A small machine has some thirty; each vCPU adds one, each queue two (its doorbell and its
   * interrupt), so that a disk for 16 CPUs has more than thirty of its own.
   */
  private static final long OPEN_FILES_MIN = 1024;

  private HostCheck() {}

  /** Whether this host is a virtual machine itself. */
  static Finding nested() {
    return isVirtualMachine(read("/proc/cpuinfo"))
        ? Finding.warn(
            "nested",
            "this host is a virtual machine itself: each exit of a guest costs more",
            "nothing, where speed does not matter")
        : Finding.ok("nested", "this host is no virtual machine");
  }

  /** CPUID tells a hypervisor's guest so, and Linux makes a flag of it. */
  static boolean isVirtualMachine(String cpuinfo) {
    int flags = cpuinfo.indexOf("\nflags");
    int end = flags < 0 ? -1 : cpuinfo.indexOf('\n', flags + 1);
    return end > 0 && (cpuinfo.substring(flags, end) + " ").contains(" hypervisor ");
  }

  /** Memory that is free, and how the kernel promises it. */
  static Finding memory() {
    long available = number(read("/proc/meminfo"), "MemAvailable:") / KIB_PER_MIB;
    String text = available + " MiB available";
    if (read("/proc/sys/vm/overcommit_memory").trim().equals("2")) {
      return Finding.warn(
          "memory",
          text + "; overcommit is off, so all of a guest's RAM counts at once",
          "sysctl vm.overcommit_memory=0");
    }
    return available < AVAILABLE_MIN_MIB
        ? Finding.warn("memory", text, "give guests little: --mem 64M")
        : Finding.ok("memory", text + "; a guest's RAM is taken as it is touched");
  }

  /** How many descriptors this process may have. */
  static Finding openFiles() {
    long limit = number(read("/proc/self/limits"), "Max open files");
    String text = "up to " + limit + " open files a process";
    return limit < OPEN_FILES_MIN
        ? Finding.warn("files", text, "ulimit -n " + OPEN_FILES_MIN)
        : Finding.ok("files", text);
  }

  /** Whether io_uring may be used. */
  static Finding ioUring() {
    int result = IoUringProbe.tryRing();
    if (result == 0) {
      return Finding.ok("io_uring", "makes rings");
    }
    String advice =
        result == -Errno.ENOSYS
            ? "disks go without it; a kernel from 5.10 on has it"
            : "disks go without it; see sysctl kernel.io_uring_disabled, or the seccomp profile of"
                + " this container";
    return Finding.warn("io_uring", "makes no ring: " + Errno.symbol(-result), advice);
  }

  /** Whether cgroups are version 2. */
  static Finding cgroups() {
    String controllers = read("/sys/fs/cgroup/cgroup.controllers").trim();
    return controllers.isEmpty()
        ? Finding.warn(
            "cgroups",
            "no cgroup v2 with controllers at /sys/fs/cgroup",
            "limits for containers need it: boot with systemd.unified_cgroup_hierarchy=1")
        : Finding.ok("cgroups", "version 2: " + controllers);
  }

  /** A file's text; empty where there is none. */
  private static String read(String path) {
    try {
      return Files.readString(Path.of(path));
    } catch (IOException e) {
      return "";
    }
  }

  /** The first number after a label; 0 where there is none. */
  static long number(String text, String label) {
    int at = text.indexOf(label);
    if (at < 0) {
      return 0;
    }
    int from = at + label.length();
    while (from < text.length() && text.charAt(from) == ' ') {
      from++;
    }
    int to = from;
    while (to < text.length() && text.charAt(to) >= '0' && text.charAt(to) <= '9') {
      to++;
    }
    return to == from ? 0 : Long.parseLong(text, from, to, 10);
  }
}
