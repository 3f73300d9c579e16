package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_CREDIT_UPDATE;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_RW;

/**
 * What a connection has yet to tell the guest beside data: a bit a kind of packet, so that nothing
 * is piled up for a guest that does not listen. They are told in the order of the kinds' numbers,
 * data among them: a request, its answer and the end come before, talk about credit after.
 *
 * <p>Threads: the device's I/O thread.
 */
final class Notices {
  /** {@link #take}: there is none. */
  static final int NONE = 0;

  private int ops;

  private static int bit(int op) {
    return 1 << op;
  }

  boolean isEmpty() {
    return ops == 0;
  }

  /** One more, if it is not there already: one of VIRTIO_VSOCK_OP. */
  void add(int op) {
    ops |= bit(op);
  }

  /** This one, and none of those that were there. */
  void only(int op) {
    ops = bit(op);
  }

  void remove(int op) {
    ops &= ~bit(op);
  }

  boolean has(int op) {
    return (ops & bit(op)) != 0;
  }

  /** Whether one has to be told before any data. */
  boolean comeBeforeData() {
    return (ops & (bit(VIRTIO_VSOCK_OP_RW) - 1)) != 0;
  }

  /** Takes the first one, or {@link #NONE}. What credit there is goes with each packet. */
  int take() {
    if (ops == 0) {
      return NONE;
    }
    int op = Integer.numberOfTrailingZeros(ops);
    ops &= ~(bit(op) | bit(VIRTIO_VSOCK_OP_CREDIT_UPDATE));
    return op;
  }

  void clear() {
    ops = 0;
  }
}
