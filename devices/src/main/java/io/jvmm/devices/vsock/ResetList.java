package io.jvmm.devices.vsock;

/**
 * RSTs for connections that there are not: what a guest asks for that nobody grants, and strays.
 * Bounded, since a guest may ask faster than it takes answers; what finds no room is not answered.
 *
 * <p>Threads: the device's I/O thread.
 */
final class ResetList {
  /** A queue of Linux' size full of requests that are refused, and as many again. */
  static final int MAX = 512;

  private final int[] hostPorts = new int[MAX];
  private final int[] guestPorts = new int[MAX];
  private final short[] types = new short[MAX];
  private int first;
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  /** False where there is no room. */
  boolean add(int hostPort, int guestPort, int type) {
    if (count == MAX) {
      return false;
    }
    int at = (first + count) % MAX;
    hostPorts[at] = hostPort;
    guestPorts[at] = guestPort;
    types[at] = (short) type;
    count++;
    return true;
  }

  /** Takes the first one into a header. */
  void take(VsockHeader header) {
    header.setPorts(hostPorts[first], guestPorts[first]);
    header.setPacket(types[first] & 0xffff, VsockHeader.VIRTIO_VSOCK_OP_RST, 0, 0);
    header.setCredit(0, 0);
    first = (first + 1) % MAX;
    count--;
  }

  void clear() {
    count = 0;
  }
}
