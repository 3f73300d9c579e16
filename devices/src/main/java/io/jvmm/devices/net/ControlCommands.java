package io.jvmm.devices.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What the commands of the control queue do (virtio 1.2, 5.1.6.5.1 to 5.1.6.5.6), as far as the
 * features go that were agreed on. A command that is none, or says what cannot be, changes nothing.
 *
 * <p>Threads: the device's I/O thread.
 */
final class ControlCommands {
  /**
   * The most bytes that belong to a command: two tables of more than a thousand addresses each. All
   * of a kind pass from {@link ReceiveFilter#ADDRESSES_MAX} on.
   */
  static final int DATA_MAX = 16 * 1024;

  static final int VIRTIO_NET_CTRL_RX = 0; // classes and their commands: linux/virtio_net.h
  static final int VIRTIO_NET_CTRL_RX_PROMISC = 0;
  static final int VIRTIO_NET_CTRL_RX_ALLMULTI = 1;
  static final int VIRTIO_NET_CTRL_RX_ALLUNI = 2;
  static final int VIRTIO_NET_CTRL_RX_NOMULTI = 3;
  static final int VIRTIO_NET_CTRL_RX_NOUNI = 4;
  static final int VIRTIO_NET_CTRL_RX_NOBCAST = 5;
  static final int VIRTIO_NET_CTRL_MAC = 1;
  static final int VIRTIO_NET_CTRL_MAC_TABLE_SET = 0;
  static final int VIRTIO_NET_CTRL_MAC_ADDR_SET = 1;
  static final int VIRTIO_NET_CTRL_MQ = 4;
  static final int VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET = 0;
  static final int VIRTIO_NET_CTRL_GUEST_OFFLOADS = 5;
  static final int VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET = 0;

  private static final VarHandle LE16 =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE32 =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LE64 =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final NetBackend backend;
  private final NetSpace space;
  private final ReceiveFilter filter;
  private final int queuePairs;
  private long features;

  ControlCommands(NetBackend backend, NetSpace space, ReceiveFilter filter, int queuePairs) {
    this.backend = backend;
    this.space = space;
    this.filter = filter;
    this.queuePairs = queuePairs;
  }

  /** What was agreed on. */
  void agree(long agreed) {
    features = agreed;
  }

  private boolean has(long feature) {
    return (features & feature) != 0;
  }

  /**
   * Does one.
   *
   * @param data what belongs to it lies from {@code at} to {@code end}
   * @return false where it is none, or not to be done
   */
  boolean perform(int commandClass, int command, byte[] data, int at, int end) {
    return switch (commandClass) {
      case VIRTIO_NET_CTRL_RX -> end - at == 1 && receiveMode(command, data[at] != 0);
      case VIRTIO_NET_CTRL_MAC -> mac(command, data, at, end);
      case VIRTIO_NET_CTRL_MQ ->
          command == VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET
              && end - at == Short.BYTES
              && has(NetFeatures.VIRTIO_NET_F_MQ)
              && setQueuePairs((short) LE16.get(data, at) & 0xffff);
      case VIRTIO_NET_CTRL_GUEST_OFFLOADS ->
          command == VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET
              && end - at == Long.BYTES
              && has(NetFeatures.VIRTIO_NET_F_CTRL_GUEST_OFFLOADS)
              && setGuestOffloads((long) LE64.get(data, at));
      default -> false;
    };
  }

  private boolean receiveMode(int command, boolean on) {
    boolean isExtra = command >= VIRTIO_NET_CTRL_RX_ALLUNI;
    if (!has(isExtra ? NetFeatures.VIRTIO_NET_F_CTRL_RX_EXTRA : NetFeatures.VIRTIO_NET_F_CTRL_RX)) {
      return false;
    }
    switch (command) {
      case VIRTIO_NET_CTRL_RX_PROMISC -> filter.setPromiscuous(on);
      case VIRTIO_NET_CTRL_RX_ALLMULTI -> filter.setAllMulticast(on);
      case VIRTIO_NET_CTRL_RX_ALLUNI -> filter.setAllUnicast(on);
      case VIRTIO_NET_CTRL_RX_NOMULTI -> filter.setNoMulticast(on);
      case VIRTIO_NET_CTRL_RX_NOUNI -> filter.setNoUnicast(on);
      case VIRTIO_NET_CTRL_RX_NOBCAST -> filter.setNoBroadcast(on);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean mac(int command, byte[] data, int at, int end) {
    return switch (command) {
      case VIRTIO_NET_CTRL_MAC_TABLE_SET ->
          has(NetFeatures.VIRTIO_NET_F_CTRL_RX) && setTables(data, at, end);
      case VIRTIO_NET_CTRL_MAC_ADDR_SET ->
          has(NetFeatures.VIRTIO_NET_F_CTRL_MAC_ADDR)
              && end - at == MacAddress.LENGTH
              && setMac(address(data, at));
      default -> false;
    };
  }

  private boolean setMac(long mac) {
    filter.setMac(mac);
    space.setMac(mac);
    return true;
  }

  /** Unicast, then multicast: each le32 count and as many addresses. Both are there, or none is. */
  private boolean setTables(byte[] data, int at, int end) {
    int multicastAt = tableEnd(data, at, end);
    if (multicastAt == NONE || tableEnd(data, multicastAt, end) != end) {
      return false;
    }
    setTable(false, data, at);
    setTable(true, data, multicastAt);
    return true;
  }

  private static final int NONE = -1;

  private static int tableEnd(byte[] data, int at, int end) {
    if (end - at < Integer.BYTES) {
      return NONE;
    }
    long count = (int) LE32.get(data, at) & 0xffff_ffffL;
    long tableEnd = at + Integer.BYTES + count * MacAddress.LENGTH;
    return tableEnd <= end ? (int) tableEnd : NONE;
  }

  private void setTable(boolean isMulticast, byte[] data, int at) {
    int count = (int) LE32.get(data, at); // small: the table is there
    filter.beginTable(isMulticast, count);
    for (int i = 0; i < count; i++) {
      filter.add(isMulticast, address(data, at + Integer.BYTES + i * MacAddress.LENGTH));
    }
  }

  private static long address(byte[] data, int at) {
    return ((int) LE32.get(data, at) & 0xffff_ffffL)
        | ((short) LE16.get(data, at + Integer.BYTES) & 0xffffL) << 32;
  }

  private boolean setQueuePairs(int count) {
    return count >= 1 && count <= queuePairs && backend.setQueuePairs(count);
  }

  private boolean setGuestOffloads(long offloads) {
    if ((offloads & ~(features & NetFeatures.GUEST_OFFLOADS)) != 0) {
      return false;
    }
    backend.setGuestOffloads(offloads);
    return true;
  }
}
