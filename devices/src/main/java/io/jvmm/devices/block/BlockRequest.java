package io.jvmm.devices.block;

import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.queue.DescriptorChain;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One request (virtio 1.2, 5.2.6), reused: the only place that reads descriptors.
 *
 * <pre>
 * readable: le32 type, le32 reserved, le64 sector, data to write
 * writable: data read, u8 status
 * </pre>
 *
 * How the driver cuts this into buffers is its own choice (2.7.4): the header may come in pieces,
 * the status may share a buffer with data.
 *
 * <p>Threads: the device's I/O thread.
 */
final class BlockRequest implements AutoCloseable {
  static final int VIRTIO_BLK_T_IN = 0;
  static final int VIRTIO_BLK_T_OUT = 1;
  static final int VIRTIO_BLK_T_FLUSH = 4;
  static final int VIRTIO_BLK_T_GET_ID = 8;

  static final byte VIRTIO_BLK_S_OK = 0;
  static final byte VIRTIO_BLK_S_IOERR = 1;
  static final byte VIRTIO_BLK_S_UNSUPP = 2;

  static final int HEADER_LENGTH = 16;
  private static final int TYPE_OFFSET = 0;
  private static final int SECTOR_OFFSET = 8;

  /** What VIRTIO_BLK_T_GET_ID answers, padded with NUL (5.2.6). */
  static final int ID_LENGTH = 20;

  private final int token;
  private final IovecArray buffers;
  private final ByteBuffer header =
      ByteBuffer.allocate(HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);

  /** The first writable buffers, as many as an id can be spread over. */
  private final long[] idGpa = new long[ID_LENGTH];

  private final long[] idSpace = new long[ID_LENGTH];

  private int head;
  private int headerLength;
  private int type;
  private long sector;
  private long dataLength;
  private boolean complete;
  private int idBuffers;

  /** A writable buffer that may be the last one, whose last byte is the status. */
  private long heldGpa;

  private long heldHva;
  private long heldLength;
  private boolean syncing;

  /**
   * @param token its name towards the backend
   * @param maxBuffers more data buffers make it {@linkplain #isComplete incomplete}
   */
  BlockRequest(int token, int maxBuffers) {
    this.token = token;
    this.buffers = new IovecArray(maxBuffers);
  }

  /**
   * Hot: takes a chain to its end. Where the chain is broken, nothing here means anything.
   *
   * @param chain before its first buffer
   */
  void parse(DescriptorChain chain, GuestMemory memory) {
    buffers.clear();
    head = chain.head();
    headerLength = 0;
    dataLength = 0;
    complete = true;
    idBuffers = 0;
    heldLength = 0;
    syncing = false;
    while (chain.next()) {
      if (chain.length() == 0) {
        continue;
      }
      if (chain.isWritable()) {
        addHeld(heldLength);
        heldGpa = chain.gpa();
        heldHva = chain.hva();
        heldLength = chain.length();
      } else {
        takeReadable(chain, memory);
      }
    }
    if (heldLength > 0) {
      addHeld(heldLength - 1);
    }
    complete &= headerLength == HEADER_LENGTH;
  }

  private void takeReadable(DescriptorChain chain, GuestMemory memory) {
    int missing = HEADER_LENGTH - headerLength;
    int taken = (int) Math.min(missing, chain.length());
    if (taken > 0) {
      memory.read(chain.gpa(), header.array(), headerLength, taken);
      headerLength += taken;
      if (headerLength == HEADER_LENGTH) {
        type = header.getInt(TYPE_OFFSET);
        sector = header.getLong(SECTOR_OFFSET);
      }
    }
    if (taken < chain.length() && type == VIRTIO_BLK_T_OUT) {
      addData(chain.hva() + taken, chain.length() - taken);
    }
  }

  private void addHeld(long length) {
    if (length == 0 || headerLength < HEADER_LENGTH || type == VIRTIO_BLK_T_OUT) {
      return;
    }
    if (idBuffers < ID_LENGTH) {
      idGpa[idBuffers] = heldGpa;
      idSpace[idBuffers] = length;
      idBuffers++;
    }
    addData(heldHva, length);
  }

  private void addData(long hva, long length) {
    complete &= buffers.add(hva, length);
    dataLength += length;
  }

  /** Its name towards the backend. */
  int token() {
    return token;
  }

  /** Its name in the used ring. */
  int head() {
    return head;
  }

  /** Whether there is a byte for the status; without one it cannot be answered. */
  boolean hasStatus() {
    return heldLength > 0;
  }

  /** Whether there is a whole header, and no more buffers than fit. */
  boolean isComplete() {
    return complete;
  }

  /** One of VIRTIO_BLK_T, or anything. */
  int type() {
    return type;
  }

  /** Anything. */
  long sector() {
    return sector;
  }

  /** The data, to write or to read into. */
  IovecArray buffers() {
    return buffers;
  }

  /** Bytes of data, to write or to read. */
  long dataLength() {
    return dataLength;
  }

  /** Whether a write has been done and is being flushed (write-through). */
  boolean isSyncing() {
    return syncing;
  }

  void setSyncing() {
    syncing = true;
  }

  /**
   * Writes an id over the first writable buffers, as far as there is room.
   *
   * @return how many bytes that were
   */
  int fillId(GuestMemory memory, byte[] id) {
    int done = 0;
    for (int i = 0; i < idBuffers && done < id.length; i++) {
      int n = (int) Math.min(idSpace[i], id.length - done);
      memory.write(idGpa[i], id, done, n);
      done += n;
    }
    return done;
  }

  /** Writes the status, the last writable byte. */
  void setStatus(GuestMemory memory, byte status) {
    memory.setByte(heldGpa + heldLength - 1, status);
  }

  @Override
  public void close() {
    buffers.close();
  }
}
