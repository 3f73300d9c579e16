package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_CREDIT_REQUEST;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_CREDIT_UPDATE;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_RW;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_SEQ_EOM;

import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;

/**
 * What a connection says to the guest, a packet at a time: notices, and data as far as the guest
 * has room. Each has the connection's name and credit in it.
 *
 * <p>Threads: the device's I/O thread.
 */
final class Talk {
  private final int hostPort;
  private final int guestPort;
  private final int type;
  private final Credit credit;
  private final Outflow outflow;
  private final Notices notices = new Notices();

  /** The guest was asked for more room, and has not said anything since. */
  private boolean creditRequested;

  Talk(int hostPort, int guestPort, int type, Credit credit, Outflow outflow) {
    this.hostPort = hostPort;
    this.guestPort = guestPort;
    this.type = type;
    this.credit = credit;
    this.outflow = outflow;
  }

  int hostPort() {
    return hostPort;
  }

  int guestPort() {
    return guestPort;
  }

  int type() {
    return type;
  }

  /** One more notice: one of VIRTIO_VSOCK_OP. */
  void add(int op) {
    notices.add(op);
  }

  /** This is the last one, and whatever else there was is left out. */
  void endWith(int op) {
    notices.only(op);
  }

  /** Nothing is said any more. */
  void end() {
    notices.clear();
  }

  /** The guest may have told of more room. */
  void creditUpdated() {
    if (credit.available() > 0) {
      creditRequested = false;
      notices.remove(VIRTIO_VSOCK_OP_CREDIT_REQUEST);
    }
  }

  /** Whether there may be something to say. */
  boolean hasMore() {
    askForRoom();
    return !notices.isEmpty() || canRead();
  }

  /** Where there is data and nothing else, and no room, the guest is asked once. */
  private void askForRoom() {
    if (notices.isEmpty() && outflow.hasData() && credit.available() == 0 && !creditRequested) {
      creditRequested = true;
      notices.add(VIRTIO_VSOCK_OP_CREDIT_REQUEST);
    }
  }

  private boolean canRead() {
    return outflow.hasData() && credit.available() > 0;
  }

  /**
   * Hot: says data, if it is time for some.
   *
   * @return how many bytes, or {@link Outflow#NOTHING} and so on
   */
  int data(CallState call, VsockHeader header, IovecArray room) {
    if (notices.comeBeforeData() || !canRead()) {
      return Outflow.NOTHING;
    }
    int length = outflow.read(call, room);
    if (length > 0) {
      notices.remove(VIRTIO_VSOCK_OP_CREDIT_UPDATE);
      credit.send(length);
      write(header, VIRTIO_VSOCK_OP_RW, outflow.isLast() ? VIRTIO_VSOCK_SEQ_EOM : 0, length);
    }
    return length;
  }

  /**
   * Hot: says a notice.
   *
   * @param shutdown what a SHUTDOWN tells
   * @return which one it was, or {@link Notices#NONE}
   */
  int notice(VsockHeader header, int shutdown) {
    askForRoom();
    int op = notices.take();
    if (op != Notices.NONE) {
      write(header, op, op == VsockHeader.VIRTIO_VSOCK_OP_SHUTDOWN ? shutdown : 0, 0);
    }
    return op;
  }

  private void write(VsockHeader header, int op, int flags, int length) {
    header.setPorts(hostPort, guestPort);
    header.setPacket(type, op, flags, length);
    header.setCredit(credit.bufAlloc(), credit.forwarded());
    credit.tell();
  }
}
