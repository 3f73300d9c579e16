package io.jvmm.devices.block;

import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.queue.DescriptorChain;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

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
  static final int VIRTIO_BLK_T_DISCARD = 11;
  static final int VIRTIO_BLK_T_WRITE_ZEROES = 13;

  static final byte VIRTIO_BLK_S_OK = 0;
  static final byte VIRTIO_BLK_S_IOERR = 1;
  static final byte VIRTIO_BLK_S_UNSUPP = 2;

  static final int HEADER_LENGTH = 16;
  private static final int TYPE_OFFSET = 0;
  private static final int SECTOR_OFFSET = 8;

  /** What VIRTIO_BLK_T_GET_ID answers, padded with NUL (5.2.6). */
  static final int ID_LENGTH = 20;

  /** With a buffer that is part header and one that is part status. */
  private static final int USUAL_BUFFERS = BlockConfig.SEG_MAX + 2;

  private final int token;
  private final int maxBuffers;
  private final IovecArray usualBuffers;
  private final BlockRanges ranges = new BlockRanges();

  /** For a chain with more than the usual number, made when the first one comes. */
  private @Nullable IovecArray manyBuffers;

  private IovecArray buffers;
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
  private boolean writeThrough;
  private @Nullable BlockQueue queue;

  /**
   * @param token its name towards the backend
   * @param maxBuffers more data buffers make it {@linkplain #isComplete incomplete}
   */
  BlockRequest(int token, int maxBuffers) {
    this.token = token;
    this.maxBuffers = maxBuffers;
    this.usualBuffers = new IovecArray(Math.min(maxBuffers, USUAL_BUFFERS));
    this.buffers = usualBuffers;
  }

  /**
   * Hot: takes a chain to its end. Where the chain is broken, nothing here means anything.
   *
   * @param chain before its first buffer
   */
  void parse(DescriptorChain chain, GuestMemory memory) {
    buffers = usualBuffers;
    buffers.clear();
    ranges.clear();
    head = chain.head();
    headerLength = 0;
    type = VIRTIO_BLK_T_IN;
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
    if (taken < chain.length()) {
      switch (type) {
        case VIRTIO_BLK_T_OUT -> addData(chain.hva() + taken, chain.length() - taken);
        case VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES -> {
          ranges.add(memory, chain.gpa() + taken, chain.length() - taken);
          dataLength += chain.length() - taken;
        }
        default -> {} // nothing that the driver sends
      }
    }
  }

  private void addHeld(long length) {
    if (length == 0 || headerLength < HEADER_LENGTH || isSentByDriver()) {
      return;
    }
    if (idBuffers < ID_LENGTH) {
      idGpa[idBuffers] = heldGpa;
      idSpace[idBuffers] = length;
      idBuffers++;
    }
    addData(heldHva, length);
  }

  private boolean isSentByDriver() {
    return switch (type) {
      case VIRTIO_BLK_T_OUT, VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES -> true;
      default -> false;
    };
  }

  private void addData(long hva, long length) {
    if (!buffers.add(hva, length)) {
      complete &= growBuffers() && buffers.add(hva, length);
    }
    dataLength += length;
  }

  private boolean growBuffers() {
    if (buffers.count() == maxBuffers) {
      return false;
    }
    IovecArray many = manyBuffers;
    if (many == null) {
      many = new IovecArray(maxBuffers);
      manyBuffers = many;
    }
    many.clear();
    many.addFrom(buffers, 0, buffers.byteCount());
    buffers = many;
    return true;
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

  /** What to discard or to zero. */
  BlockRanges ranges() {
    return ranges;
  }

  /** Bytes of data, to write, to read, or that ranges are in. */
  long dataLength() {
    return dataLength;
  }

  /** Whether it is answered only when it is on the medium; set when it begins. */
  boolean isWriteThrough() {
    return writeThrough;
  }

  void setWriteThrough(boolean value) {
    writeThrough = value;
  }

  /** Whose it is, or null where nobody waits for it. */
  @Nullable BlockQueue queue() {
    return queue;
  }

  void setQueue(@Nullable BlockQueue value) {
    queue = value;
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
    usualBuffers.close();
    if (manyBuffers != null) {
      manyBuffers.close();
    }
  }
}
