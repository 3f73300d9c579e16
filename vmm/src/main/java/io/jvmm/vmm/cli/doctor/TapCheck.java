package io.jvmm.vmm.cli.doctor;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.net.Tap;

/** Whether this process may make a tap, a network card's host end: it makes one and lets it go. */
final class TapCheck {
  private static final String DEVICE = "/dev/net/tun";

  /** The kernel counts. */
  private static final String NAME = "jvmm%d";

  private TapCheck() {}

  static Finding finding() {
    try {
      Tap.open(NAME, false).close();
      return Finding.ok("tap", DEVICE + " makes taps");
    } catch (SyscallException e) {
      if (e.on().equals(DEVICE)) {
        return Finding.warn(
            "tap",
            DEVICE + " cannot be opened: " + Errno.symbol(e.errno()),
            e.is(Errno.EACCES) || e.is(Errno.EPERM)
                ? "networks by tap need it, and udev lets all open it: chmod 666 " + DEVICE
                : "networks by tap need it: modprobe tun");
      }
      return Finding.warn(
          "tap",
          DEVICE + " opens, but makes no tap: " + Errno.symbol(e.errno()),
          "networks by tap need CAP_NET_ADMIN, or a tap that root made for this user"
              + " (ip tuntap add dev tap0 mode tap user USER)");
    }
  }
}
