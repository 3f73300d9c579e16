package io.jvmm.devices.block.nbd;

import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * One operation of the disk, reused. A long one goes to the server in parts, one after the other.
 *
 * <p>Threads: the device's I/O thread.
 */
final class NbdRequest {
  /** Its place in the table, and the low bits of its cookies. */
  final int slot;

  /** Its name towards the device. */
  int token;

  int type;
  int flags;
  long offset;
  long length;

  /** Of a read or a write; it stays as it is, so that a part can be sent again. */
  @Nullable IovecArray buffers;

  /** Bytes of the parts that were answered. */
  long done;

  /** Bytes of the part at hand. */
  long part;

  /** Names the part on the wire. */
  long cookie;

  /** When the operation was begun, among others. */
  long order;

  boolean pending;

  /** Bytes of the part's header and data that were sent. */
  long sent;

  /** Bytes of the part's data that have come. */
  long received;

  NbdRequest(int slot) {
    this.slot = slot;
  }

  boolean isRead() {
    return type == NbdProtocol.CMD_READ;
  }

  /** Bytes of the part on the way to the server. */
  long wireLength() {
    return NbdProtocol.REQUEST_SIZE + (type == NbdProtocol.CMD_WRITE ? part : 0);
  }

  /** Whether the server can know of the part. */
  boolean isSent() {
    return sent == wireLength();
  }
}
