package io.jvmm.devices.vsock;

import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_CREDIT_REQUEST;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_CREDIT_UPDATE;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_REQUEST;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_RESPONSE;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_RST;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_RW;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_OP_SHUTDOWN;
import static io.jvmm.devices.vsock.VsockHeader.VIRTIO_VSOCK_SEQ_EOM;

import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;

/**
 * Brings each packet of the guest to its connection, after what can be told from the header alone.
 *
 * <p>Threads: the device's I/O thread.
 */
final class GuestPackets {
  private final long guestCid;
  private final Mux mux;
  private final VsockStats stats;

  /**
   * @param guestCid the guest's address, from which all have to be
   */
  GuestPackets(long guestCid, Mux mux) {
    this.guestCid = guestCid;
    this.mux = mux;
    this.stats = mux.stats();
  }

  /**
   * Hot: takes one packet.
   *
   * @param header scratch
   * @param packet all of it
   */
  void receive(CallState call, VsockHeader header, IovecArray packet) {
    if (!header.read(packet) || header.srcCid() != guestCid || header.dstCid() != Mux.HOST_CID) {
      malformed();
      return;
    }
    Connection connection = mux.connection(header.dstPort(), header.srcPort());
    if (!mux.takes(header.type()) || !isLengthRight(header, packet)) {
      malformed();
      if (connection == null) {
        refuse(header);
      } else {
        connection.reset(call);
      }
    } else if (connection == null) {
      unknown(call, header);
    } else if (connection.type() != header.type()) {
      connection.violated(call);
    } else {
      known(call, connection, header, packet);
    }
  }

  private static boolean isLengthRight(VsockHeader header, IovecArray packet) {
    long length = header.length();
    return length == 0
        || (header.op() == VIRTIO_VSOCK_OP_RW
            && length <= Mux.PACKET_MAX
            && length <= packet.byteCount() - VsockHeader.SIZE);
  }

  /** A packet or a chain of them makes no sense. */
  void malformed() {
    stats.malformed.add(1);
  }

  private void unknown(CallState call, VsockHeader header) {
    switch (header.op()) {
      case VIRTIO_VSOCK_OP_REQUEST -> {
        if (!mux.accept(call, header)) {
          stats.refused.add(1);
          refuse(header);
        }
      }
      case VIRTIO_VSOCK_OP_RST -> {} // nothing is to be done, and an answer would be answered
      default -> {
        stats.strays.add(1);
        refuse(header);
      }
    }
  }

  private void refuse(VsockHeader header) {
    if (header.op() != VIRTIO_VSOCK_OP_RST) {
      mux.refuse(header.dstPort(), header.srcPort(), header.type());
    }
  }

  private void known(CallState call, Connection connection, VsockHeader header, IovecArray packet) {
    if (header.op() == VIRTIO_VSOCK_OP_RST) {
      mux.forget(connection);
      connection.forgotten(call);
      return;
    }
    if (!connection.credit().update(header.bufAlloc(), header.fwdCnt())) {
      stats.creditViolations.add(1);
      connection.reset(call);
      return;
    }
    switch (header.op()) {
      case VIRTIO_VSOCK_OP_RESPONSE -> connection.granted(call);
      case VIRTIO_VSOCK_OP_SHUTDOWN -> connection.shutdown(call, header.flags());
      case VIRTIO_VSOCK_OP_RW -> {
        IovecArray data = mux.vector();
        data.clear();
        data.addFrom(packet, VsockHeader.SIZE, header.length());
        connection.receive(call, data, (header.flags() & VIRTIO_VSOCK_SEQ_EOM) != 0);
      }
      case VIRTIO_VSOCK_OP_CREDIT_UPDATE -> {}
      case VIRTIO_VSOCK_OP_CREDIT_REQUEST -> connection.creditRequested();
      default -> connection.violated(call);
    }
    connection.creditUpdated();
  }
}
