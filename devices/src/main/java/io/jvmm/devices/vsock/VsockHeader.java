package io.jvmm.devices.vsock;

import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * {@code struct virtio_vsock_hdr} (virtio 1.2, 5.10.6), which is before each packet's data: a copy
 * of the guest's that it cannot change, or one to be written for it. Reused for every packet.
 *
 * <p>Threads: the device's I/O thread.
 */
final class VsockHeader {
  // linux/virtio_vsock.h
  static final int VIRTIO_VSOCK_OP_REQUEST = 1;
  static final int VIRTIO_VSOCK_OP_RESPONSE = 2;
  static final int VIRTIO_VSOCK_OP_RST = 3;
  static final int VIRTIO_VSOCK_OP_SHUTDOWN = 4;
  static final int VIRTIO_VSOCK_OP_RW = 5;
  static final int VIRTIO_VSOCK_OP_CREDIT_UPDATE = 6;
  static final int VIRTIO_VSOCK_OP_CREDIT_REQUEST = 7;

  static final int VIRTIO_VSOCK_TYPE_STREAM = 1;
  static final int VIRTIO_VSOCK_TYPE_SEQPACKET = 2;

  /** Of SHUTDOWN: its sender receives no more. */
  static final int VIRTIO_VSOCK_SHUTDOWN_RCV = 1;

  /** Of SHUTDOWN: its sender sends no more. */
  static final int VIRTIO_VSOCK_SHUTDOWN_SEND = 2;

  /** Of RW: the last packet of a message. */
  static final int VIRTIO_VSOCK_SEQ_EOM = 1;

  /** Of RW: the program has marked the message (MSG_EOR). */
  static final int VIRTIO_VSOCK_SEQ_EOR = 2;

  static final int SIZE = 44;
  static final int SRC_CID = 0;
  static final int DST_CID = 8;
  static final int SRC_PORT = 16;
  static final int DST_PORT = 20;
  static final int LEN = 24;
  static final int TYPE = 28;
  static final int OP = 30;
  static final int FLAGS = 32;
  static final int BUF_ALLOC = 36;
  static final int FWD_CNT = 40;

  private static final ValueLayout.OfShort LE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment bytes = Arena.ofAuto().allocate(SIZE, Long.BYTES);

  /** Copies it off the front of a packet; false where the packet is shorter. */
  boolean read(IovecArray packet) {
    return packet.copyTo(bytes, 0, SIZE) == SIZE;
  }

  /** Copies it to the front of a buffer that has room. */
  void write(IovecArray buffer) {
    buffer.copyFrom(bytes, 0, SIZE);
  }

  long srcCid() {
    return bytes.get(LE64, SRC_CID);
  }

  long dstCid() {
    return bytes.get(LE64, DST_CID);
  }

  int srcPort() {
    return bytes.get(LE32, SRC_PORT);
  }

  int dstPort() {
    return bytes.get(LE32, DST_PORT);
  }

  /** Bytes of data, as the sender says: any 32-bit number, unsigned. */
  long length() {
    return bytes.get(LE32, LEN) & 0xffff_ffffL;
  }

  int type() {
    return bytes.get(LE16, TYPE) & 0xffff;
  }

  int op() {
    return bytes.get(LE16, OP) & 0xffff;
  }

  int flags() {
    return bytes.get(LE32, FLAGS);
  }

  int bufAlloc() {
    return bytes.get(LE32, BUF_ALLOC);
  }

  int fwdCnt() {
    return bytes.get(LE32, FWD_CNT);
  }

  void setCids(long source, long destination) {
    bytes.set(LE64, SRC_CID, source);
    bytes.set(LE64, DST_CID, destination);
  }

  void setPorts(int source, int destination) {
    bytes.set(LE32, SRC_PORT, source);
    bytes.set(LE32, DST_PORT, destination);
  }

  void setPacket(int type, int op, int flags, int length) {
    bytes.set(LE32, LEN, length);
    bytes.set(LE16, TYPE, (short) type);
    bytes.set(LE16, OP, (short) op);
    bytes.set(LE32, FLAGS, flags);
  }

  void setCredit(int bufAlloc, int fwdCnt) {
    bytes.set(LE32, BUF_ALLOC, bufAlloc);
    bytes.set(LE32, FWD_CNT, fwdCnt);
  }
}
