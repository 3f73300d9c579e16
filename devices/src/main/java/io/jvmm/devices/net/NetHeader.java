package io.jvmm.devices.net;

/**
 * {@code struct virtio_net_hdr} in front of each frame (virtio 1.2, 5.1.6): u8 flags, u8 gso_type,
 * le16 hdr_len, le16 gso_size, le16 csum_start, le16 csum_offset, le16 num_buffers.
 */
public final class NetHeader {
  /** Always with {@code num_buffers}, since VIRTIO_F_VERSION_1 is. */
  public static final int SIZE = 12;

  static final int NUM_BUFFERS = 10;

  private NetHeader() {}
}
