package io.jvmm.devices.net;

/**
 * Which frames the driver wants (virtio 1.2, 5.1.6.5.1, 5.1.6.5.2). All of them, until it says
 * otherwise: a driver that never does has no control queue.
 *
 * <p>Threads: the device's I/O thread.
 */
final class ReceiveFilter {
  /**
   * Addresses of one table: with more of them, all of that kind pass. Linux has a handful; so many
   * are compared in less time than a frame takes to come.
   */
  static final int ADDRESSES_MAX = 64;

  private final long[] unicast = new long[ADDRESSES_MAX];
  private final long[] multicast = new long[ADDRESSES_MAX];
  private int unicastCount;
  private int multicastCount;
  private long mac;
  private boolean promiscuous;
  private boolean allUnicast;
  private boolean allMulticast;
  private boolean noUnicast;
  private boolean noMulticast;
  private boolean noBroadcast;

  ReceiveFilter(long mac) {
    reset(mac);
  }

  /** As before a driver. */
  void reset(long newMac) {
    mac = newMac;
    promiscuous = true;
    allUnicast = false;
    allMulticast = false;
    noUnicast = false;
    noMulticast = false;
    noBroadcast = false;
    unicastCount = 0;
    multicastCount = 0;
  }

  void setMac(long value) {
    mac = value;
  }

  void setPromiscuous(boolean on) {
    promiscuous = on;
  }

  void setAllUnicast(boolean on) {
    allUnicast = on;
  }

  void setAllMulticast(boolean on) {
    allMulticast = on;
  }

  void setNoUnicast(boolean on) {
    noUnicast = on;
  }

  void setNoMulticast(boolean on) {
    noMulticast = on;
  }

  void setNoBroadcast(boolean on) {
    noBroadcast = on;
  }

  /** Begins a table of unicast addresses, or of multicast ones, in place of the old. */
  void beginTable(boolean isMulticast, long count) {
    int kept = count > ADDRESSES_MAX ? OVERFLOW : 0;
    if (isMulticast) {
      multicastCount = kept;
    } else {
      unicastCount = kept;
    }
  }

  private static final int OVERFLOW = -1;

  /** One more address of a table that has room for all of them. */
  void add(boolean isMulticast, long address) {
    if (isMulticast && multicastCount != OVERFLOW) {
      multicast[multicastCount++] = address;
    } else if (!isMulticast && unicastCount != OVERFLOW) {
      unicast[unicastCount++] = address;
    }
  }

  /** Hot: whether a frame to that address is wanted. */
  boolean accepts(long destination) {
    if (promiscuous) {
      return true;
    }
    if (destination == MacAddress.BROADCAST) {
      return !noBroadcast;
    }
    if ((destination & MacAddress.GROUP) != 0) {
      return !noMulticast && (allMulticast || contains(multicast, multicastCount, destination));
    }
    return !noUnicast
        && (allUnicast || destination == mac || contains(unicast, unicastCount, destination));
  }

  private static boolean contains(long[] table, int count, long address) {
    if (count == OVERFLOW) {
      return true;
    }
    for (int i = 0; i < count; i++) {
      if (table[i] == address) {
        return true;
      }
    }
    return false;
  }
}
