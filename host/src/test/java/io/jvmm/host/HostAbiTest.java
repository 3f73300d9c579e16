package io.jvmm.host;

import io.jvmm.abi.Abi;
import org.junit.jupiter.api.Test;

class HostAbiTest {
  @Test
  void errorNumbersAreTheHeaders() throws Exception {
    Abi abi = Abi.of("errno.h");
    for (var field : Errno.class.getFields()) {
      abi.same(field.getName(), field.getInt(null));
    }
    abi.verify();
  }

  @Test
  void eventDescriptorsAreTheHeaders() throws Exception {
    Abi.of("sys/eventfd.h")
        .same("EFD_SEMAPHORE", EventFd.EFD_SEMAPHORE)
        .same("EFD_NONBLOCK", EventFd.EFD_NONBLOCK)
        .same("EFD_CLOEXEC", EventFd.EFD_CLOEXEC)
        .same("sizeof(eventfd_t)", Long.BYTES)
        .verify();
  }

  @Test
  void futexesAreTheHeaders() throws Exception {
    Abi.of("linux/futex.h")
        .same("FUTEX_WAIT_PRIVATE", FutexSemaphore.FUTEX_WAIT_PRIVATE)
        .same("FUTEX_WAKE_PRIVATE", FutexSemaphore.FUTEX_WAKE_PRIVATE)
        .verify();
  }

  @Test
  void timersAreTheHeaders() throws Exception {
    Abi.of("sys/timerfd.h", "time.h")
        .same("CLOCK_MONOTONIC", TimerFd.CLOCK_MONOTONIC)
        .same("TFD_NONBLOCK", TimerFd.TFD_NONBLOCK)
        .same("TFD_CLOEXEC", TimerFd.TFD_CLOEXEC)
        .same("sizeof(struct itimerspec)", TimerFd.ITIMERSPEC_SIZE)
        .same("offsetof(struct itimerspec, it_value)", TimerFd.ITIMERSPEC_VALUE)
        .same("offsetof(struct timespec, tv_nsec)", 8)
        .same("sizeof(struct timespec)", 16)
        .verify();
  }

  @Test
  void mappingsAreTheHeaders() throws Exception {
    Abi.of("sys/mman.h", "linux/memfd.h", "unistd.h")
        .same("PROT_READ", Mapping.PROT_READ)
        .same("PROT_READ | PROT_WRITE", Mapping.PROT_READ_WRITE)
        .same("MAP_SHARED", Mapping.MAP_SHARED)
        .same("MAP_PRIVATE", Mapping.MAP_PRIVATE)
        .same("MAP_FIXED", Mapping.MAP_FIXED)
        .same("MAP_ANONYMOUS", Mapping.MAP_ANONYMOUS)
        .same("MAP_NORESERVE", Mapping.MAP_NORESERVE)
        .same("MADV_DONTNEED", Mapping.MADV_DONTNEED)
        .same("MADV_REMOVE", Mapping.MADV_REMOVE)
        .same("MADV_DONTDUMP", Mapping.MADV_DONTDUMP)
        .same("MFD_CLOEXEC", MemFd.MFD_CLOEXEC)
        .same("sysconf(_SC_PAGESIZE)", Mapping.PAGE_SIZE)
        .verify();
  }

  @Test
  void ioctlRequestsAreComputedAsTheMacrosDo() throws Exception {
    Abi.of("sys/ioctl.h", "linux/types.h")
        .same("_IO(0xAE, 0x80)", Integer.toUnsignedLong(Ioctl.io(0xAE, 0x80)))
        .same("_IOW(0xAE, 0x76, char[16])", Integer.toUnsignedLong(Ioctl.iow(0xAE, 0x76, 16)))
        .same("_IOR('T', 0x30, unsigned)", Integer.toUnsignedLong(Ioctl.ior('T', 0x30, 4)))
        .same("_IOWR(0xAE, 5, char[16383])", Integer.toUnsignedLong(Ioctl.iowr(0xAE, 5, 16383)))
        .verify();
  }

  @Test
  void pathsHaveTheLimitOfTheHeader() throws Exception {
    Abi.of("linux/limits.h").same("PATH_MAX", CallState.PATH_MAX).verify();
  }
}
