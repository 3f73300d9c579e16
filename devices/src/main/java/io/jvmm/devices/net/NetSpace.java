package io.jvmm.devices.net;

import io.jvmm.devices.queue.ConfigSpace;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The configuration space (virtio 1.2, 5.1.4): u8 mac[6], le16 status, le16 max_virtqueue_pairs,
 * le16 mtu; and the features that go with it.
 *
 * <p>Threads: any reads; one at a time changes.
 */
final class NetSpace {
  private static final int MAC = 0;
  private static final int STATUS = 6;
  private static final int MAX_VIRTQUEUE_PAIRS = 8;
  private static final int MTU = 10;
  private static final int SIZE = 12;

  private static final int VIRTIO_NET_S_LINK_UP = 1;

  private final ConfigSpace bytes = new ConfigSpace(SIZE);
  private final AtomicInteger generation = new AtomicInteger();
  private final boolean hasMtu;
  private final boolean hasSeveralPairs;

  NetSpace(MacAddress mac, int queuePairs, int mtu) {
    this.hasMtu = mtu != 0;
    this.hasSeveralPairs = queuePairs > 1;
    bytes.setShort(MAX_VIRTQUEUE_PAIRS, queuePairs);
    bytes.setShort(MTU, mtu);
    bytes.setShort(STATUS, VIRTIO_NET_S_LINK_UP);
    setMac(mac.bits());
  }

  /** What is offered because of what is in here. */
  long features() {
    return NetFeatures.VIRTIO_NET_F_MAC
        | NetFeatures.VIRTIO_NET_F_STATUS
        | (hasMtu ? NetFeatures.VIRTIO_NET_F_MTU : 0)
        | (hasSeveralPairs ? NetFeatures.VIRTIO_NET_F_MQ : 0);
  }

  /** The address is another one: the driver's choice, or ours again. */
  void setMac(long mac) {
    generation.incrementAndGet();
    bytes.setInt(MAC, (int) mac);
    bytes.setShort(MAC + Integer.BYTES, (int) (mac >>> 32));
    generation.incrementAndGet();
  }

  void setLinkUp(boolean up) {
    generation.incrementAndGet();
    bytes.setShort(STATUS, up ? VIRTIO_NET_S_LINK_UP : 0);
    generation.incrementAndGet();
  }

  long read(int offset, int size) {
    return bytes.read(offset, size);
  }

  int generation() {
    return generation.get();
  }
}
