package io.jvmm.vmm.cli.doctor;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Ioctl;
import io.jvmm.host.SyscallException;
import io.jvmm.host.file.OpenFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Whether this process may make a tap, a network card's host end: it makes one and lets it go. */
final class TapCheck {
  private static final String DEVICE = "/dev/net/tun";

  private static final int TUNSETIFF = Ioctl.iow('T', 202, Integer.BYTES); // linux/if_tun.h
  private static final short IFF_TAP_NO_PI = 0x1002;

  /** {@code struct ifreq}: a name of 16 bytes, then the flags. */
  private static final int IFREQ_SIZE = 40;

  private static final int IFREQ_FLAGS = 16;

  private TapCheck() {}

  static Finding finding() {
    try (OpenFile tun = OpenFile.forWriting(DEVICE)) {
      CallState state = CallState.current();
      MemorySegment request = state.scratch().asSlice(0, IFREQ_SIZE).fill((byte) 0);
      byte[] name = "jvmm%d".getBytes(StandardCharsets.US_ASCII); // the kernel counts
      MemorySegment.copy(name, 0, request, ValueLayout.JAVA_BYTE, 0, name.length);
      request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, IFF_TAP_NO_PI);
      long result = Ioctl.tryCall(state, tun.fd().number(), TUNSETIFF, request.address());
      if (result >= 0) {
        return Finding.ok("tap", DEVICE + " makes taps");
      }
      return Finding.warn(
          "tap",
          DEVICE + " opens, but makes no tap: " + Errno.symbol((int) -result),
          "networks by tap need CAP_NET_ADMIN, or a tap that root made for this user"
              + " (ip tuntap add mode tap user USER)");
    } catch (SyscallException e) {
      return Finding.warn(
          "tap",
          DEVICE + " cannot be opened: " + Errno.symbol(e.errno()),
          "networks by tap need it: modprobe tun");
    }
  }
}
