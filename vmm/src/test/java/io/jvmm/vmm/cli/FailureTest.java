package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.boot.BootException;
import io.jvmm.devices.block.DiskException;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.vmm.KvmUnavailableException;
import io.jvmm.vmm.MachineConfigException;
import io.jvmm.vmm.MachineEnd.Cause;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FailureTest {
  private static Arguments of(Throwable failure, int status, String line) {
    return Arguments.of(failure, status, line);
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        of(new UsageException("--x is odd"), 2, "jvmm: --x is odd"),
        of(new MachineConfigException("cpus: 0 is"), 2, "jvmm: cpus: 0 is"),
        of(new BootException("kernel k: is empty"), 2, "jvmm: kernel k: is empty"),
        of(new DiskException("d", "is in use"), 2, "jvmm: disk d is in use"),
        of(new KvmUnavailableException("no /dev/kvm: do"), 3, "jvmm: no /dev/kvm: do"),
        of(
            new SyscallException("open", "/x", Errno.ENOENT),
            2,
            "jvmm: cannot open /x: no such file"),
        of(
            new SyscallException("open", "/x", Errno.EACCES),
            2,
            "jvmm: cannot open /x: permission denied"),
        of(
            new SyscallException("open", "/x", Errno.EISDIR),
            2,
            "jvmm: cannot open /x: it is a directory"),
        of(
            new SyscallException("open", "/x", Errno.ENXIO),
            2,
            "jvmm: cannot open /x: there is nothing behind it (a FIFO needs its reader first)"),
        of(new SyscallException("open", "/x", Errno.EIO), 2, "jvmm: open on /x: EIO (5)"),
        of(
            new SyscallException("open", "/x", Errno.EMFILE),
            3,
            "jvmm: cannot open /x: too many open files in this process (raise ulimit -n)"),
        of(
            new BootException("kernel k: x", new SyscallException("open", "k", Errno.EMFILE)),
            3,
            "jvmm: kernel k: x"),
        of(
            new SyscallException("mmap(9 bytes)", "guest RAM", Errno.ENOMEM),
            3,
            "jvmm: mmap(9 bytes) on guest RAM: ENOMEM (12): the host has no memory for it"),
        of(
            new SyscallException("ioctl(KVM_CREATE_VM)", "/dev/kvm", Errno.EBUSY),
            3,
            "jvmm: ioctl(KVM_CREATE_VM) on /dev/kvm: EBUSY (16)"),
        of(
            new SyscallException("epoll_ctl", "x", Errno.EBADF),
            4,
            "jvmm: epoll_ctl on x: EBADF (9)"),
        of(
            new IllegalStateException("bug"),
            4,
            "jvmm: internal error: java.lang.IllegalStateException: bug"
                + " (JVMM_DEBUG=1 shows where; please report it)"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void eachHasItsStatusAndOneLine(Throwable failure, int status, String line) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertEquals(status, Failure.report(failure, new PrintStream(bytes, true)));
    assertEquals(line + "\n", bytes.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "POWERED_OFF, 0",
    "REBOOTED, 0",
    "STOPPED, 0",
    "PANICKED, 1",
    "CRASHED, 1",
    "FAILED, 4"
  })
  void eachEndOfAGuestHasItsStatus(Cause cause, int status) {
    assertEquals(status, ExitStatus.of(cause));
  }

  @Test
  void threadsThatTheHostRefusesAreTheHostsButAFullHeapIsABug() {
    assertEquals(3, Failure.status(new OutOfMemoryError("unable to create native thread: x")));
    assertEquals(4, Failure.status(new OutOfMemoryError("Java heap space")));
    assertEquals(4, Failure.status(new AssertionError("x")));
  }
}
