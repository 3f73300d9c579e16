package io.jvmm.host.net;

import io.jvmm.host.Ioctl;

/** Taps in numbers ({@code linux/if_tun.h}, {@code linux/if.h}, {@code linux/sockios.h}). */
final class IfTun {
  static final int TUNSETIFF = Ioctl.iow('T', 202, Integer.BYTES);
  static final int TUNSETOFFLOAD = Ioctl.iow('T', 208, Integer.BYTES);
  static final int TUNGETIFF = Ioctl.ior('T', 210, Integer.BYTES);
  static final int TUNSETVNETHDRSZ = Ioctl.iow('T', 216, Integer.BYTES);
  static final int TUNSETQUEUE = Ioctl.iow('T', 217, Integer.BYTES);
  static final int TUNSETVNETLE = Ioctl.iow('T', 220, Integer.BYTES);

  static final int IFF_TAP = 0x0002;
  static final int IFF_MULTI_QUEUE = 0x0100;
  static final int IFF_ATTACH_QUEUE = 0x0200;
  static final int IFF_DETACH_QUEUE = 0x0400;
  static final int IFF_NO_PI = 0x1000;
  static final int IFF_VNET_HDR = 0x4000;

  /** {@code struct ifreq}: a name of 16 bytes, then a union: flags, an MTU. */
  static final int IFREQ_SIZE = 40;

  static final int IFNAMSIZ = 16;
  static final int IFREQ_FLAGS = 16;
  static final int IFREQ_MTU = 16;

  static final int SIOCGIFMTU = 0x8921;

  private IfTun() {}
}
