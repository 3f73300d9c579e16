package io.jvmm.host.net;

import io.jvmm.abi.Abi;
import org.junit.jupiter.api.Test;

class TapAbiTest {
  @Test
  void tapsAreTheHeaders() throws Exception {
    Abi.of("sys/ioctl.h", "linux/if.h", "linux/if_tun.h", "linux/sockios.h", "linux/virtio_net.h")
        .same("TUNSETIFF", IfTun.TUNSETIFF)
        .same("TUNSETOFFLOAD", IfTun.TUNSETOFFLOAD)
        .same("TUNGETIFF", Integer.toUnsignedLong(IfTun.TUNGETIFF))
        .same("TUNSETVNETHDRSZ", IfTun.TUNSETVNETHDRSZ)
        .same("TUNSETQUEUE", IfTun.TUNSETQUEUE)
        .same("TUNSETVNETLE", IfTun.TUNSETVNETLE)
        .same("IFF_TAP", IfTun.IFF_TAP)
        .same("IFF_MULTI_QUEUE", IfTun.IFF_MULTI_QUEUE)
        .same("IFF_ATTACH_QUEUE", IfTun.IFF_ATTACH_QUEUE)
        .same("IFF_DETACH_QUEUE", IfTun.IFF_DETACH_QUEUE)
        .same("IFF_NO_PI", IfTun.IFF_NO_PI)
        .same("IFF_VNET_HDR", IfTun.IFF_VNET_HDR)
        .same("sizeof(struct ifreq)", IfTun.IFREQ_SIZE)
        .same("IFNAMSIZ", IfTun.IFNAMSIZ)
        .same("offsetof(struct ifreq, ifr_flags)", IfTun.IFREQ_FLAGS)
        .same("offsetof(struct ifreq, ifr_mtu)", IfTun.IFREQ_MTU)
        .same("SIOCGIFMTU", IfTun.SIOCGIFMTU)
        .same("TUN_F_CSUM", Tap.TUN_F_CSUM)
        .same("TUN_F_TSO4", Tap.TUN_F_TSO4)
        .same("TUN_F_TSO6", Tap.TUN_F_TSO6)
        .same("TUN_F_TSO_ECN", Tap.TUN_F_TSO_ECN)
        .same("sizeof(struct virtio_net_hdr_v1)", Tap.HEADER_SIZE)
        .verify();
  }

  @Test
  void socketsAreTheHeaders() throws Exception {
    Abi.of("sys/socket.h")
        .same("AF_UNIX", Tap.AF_UNIX)
        .same("SOCK_DGRAM", Tap.SOCK_DGRAM)
        .same("SOCK_CLOEXEC", Tap.SOCK_CLOEXEC)
        .verify();
  }
}
