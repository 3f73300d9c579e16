package io.jvmm.devices.net;

/** Feature bits of a network device (virtio 1.2, 5.1.3; {@code linux/virtio_net.h}), as masks. */
public final class NetFeatures {
  /** The device takes frames with a partial checksum. */
  public static final long VIRTIO_NET_F_CSUM = 1L << 0;

  /** The driver takes frames with a partial checksum. */
  public static final long VIRTIO_NET_F_GUEST_CSUM = 1L << 1;

  /** The driver may change at run time what it takes. */
  static final long VIRTIO_NET_F_CTRL_GUEST_OFFLOADS = 1L << 2;

  /** The device says how long packets may be. */
  static final long VIRTIO_NET_F_MTU = 1L << 3;

  /** The device has an address. */
  static final long VIRTIO_NET_F_MAC = 1L << 5;

  /** The driver takes long TCP segments over IPv4. */
  public static final long VIRTIO_NET_F_GUEST_TSO4 = 1L << 7;

  /** The driver takes long TCP segments over IPv6. */
  public static final long VIRTIO_NET_F_GUEST_TSO6 = 1L << 8;

  /** The driver takes long TCP segments with ECN. */
  public static final long VIRTIO_NET_F_GUEST_ECN = 1L << 9;

  /** The device takes long TCP segments over IPv4. */
  public static final long VIRTIO_NET_F_HOST_TSO4 = 1L << 11;

  /** The device takes long TCP segments over IPv6. */
  public static final long VIRTIO_NET_F_HOST_TSO6 = 1L << 12;

  /** The device takes long TCP segments with ECN. */
  public static final long VIRTIO_NET_F_HOST_ECN = 1L << 13;

  /** A received frame may lie in several buffers. */
  static final long VIRTIO_NET_F_MRG_RXBUF = 1L << 15;

  /** There is a status field in the configuration space. */
  static final long VIRTIO_NET_F_STATUS = 1L << 16;

  /** There is a control queue. */
  static final long VIRTIO_NET_F_CTRL_VQ = 1L << 17;

  /** What is received can be chosen by the control queue. */
  static final long VIRTIO_NET_F_CTRL_RX = 1L << 18;

  /** More of that. */
  static final long VIRTIO_NET_F_CTRL_RX_EXTRA = 1L << 20;

  /** There may be several pairs of queues. */
  static final long VIRTIO_NET_F_MQ = 1L << 22;

  /** The address is set by the control queue. */
  static final long VIRTIO_NET_F_CTRL_MAC_ADDR = 1L << 23;

  /** The driver takes long UDP payloads, to be cut into datagrams, over IPv4. */
  public static final long VIRTIO_NET_F_GUEST_USO4 = 1L << 54;

  /** The same over IPv6. */
  public static final long VIRTIO_NET_F_GUEST_USO6 = 1L << 55;

  /** The device takes long UDP payloads, to be cut into datagrams. */
  public static final long VIRTIO_NET_F_HOST_USO = 1L << 56;

  /** What a driver may be given in the header of a received frame. */
  public static final long GUEST_OFFLOADS =
      VIRTIO_NET_F_GUEST_CSUM
          | VIRTIO_NET_F_GUEST_TSO4
          | VIRTIO_NET_F_GUEST_TSO6
          | VIRTIO_NET_F_GUEST_ECN
          | VIRTIO_NET_F_GUEST_USO4
          | VIRTIO_NET_F_GUEST_USO6;

  /** What a driver may ask for in the header of a frame that it sends. */
  public static final long HOST_OFFLOADS =
      VIRTIO_NET_F_CSUM
          | VIRTIO_NET_F_HOST_TSO4
          | VIRTIO_NET_F_HOST_TSO6
          | VIRTIO_NET_F_HOST_ECN
          | VIRTIO_NET_F_HOST_USO;

  /** Both: what a {@link NetBackend} has a say in. */
  public static final long OFFLOADS = GUEST_OFFLOADS | HOST_OFFLOADS;

  private NetFeatures() {}
}
