package io.jvmm.devices.net;

import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.queue.DescriptorChain;
import io.jvmm.virtio.queue.SplitQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Chains that were taken from the receive queue ahead of the frames that are to come into them:
 * enough for the longest frame, since nobody says before it is read how long the next one is.
 * Behind them lies a buffer of our own, for what is longer than all that the driver has given.
 *
 * <p>Threads: the device's I/O thread.
 */
final class ReceiveBuffers implements AutoCloseable {
  /** A whole frame and its header. */
  static final int ROOM = NetHeader.SIZE + NetBackend.FRAME_MAX;

  /**
   * No chain is taken beyond so many buffers, so that each finds as many entries: of 128 bytes each
   * they hold the longest frame. What is more of one chain is left as it is.
   */
  static final int BUFFERS_MAX = IovecArray.IOV_MAX / 2;

  private static final int CHAINS_MAX = IovecArray.IOV_MAX;
  private static final int MASK = CHAINS_MAX - 1;

  private static final ValueLayout.OfLong LE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort LE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Of a frame's beginning: the header, and as many bytes as an address is read with. */
  private static final int PEEK = NetHeader.SIZE + Long.BYTES;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment spill = arena.allocate(ROOM);
  private final MemorySegment peeked = arena.allocate(PEEK);
  private final IovecArray buffers = new IovecArray(IovecArray.IOV_MAX);
  private final IovecArray bare = new IovecArray(IovecArray.IOV_MAX);
  private final IovecArray tail = new IovecArray(IovecArray.IOV_MAX);

  // By place, the oldest chain at first.
  private final int[] heads = new int[CHAINS_MAX];
  private final long[] lengths = new long[CHAINS_MAX];
  private final long[] gpas = new long[CHAINS_MAX];
  private final long[] firstLengths = new long[CHAINS_MAX];
  private int first;
  private int count;

  /** Forgets all: they are the driver's again. */
  void clear() {
    buffers.clear();
    first = 0;
    count = 0;
  }

  /** How many bytes of the driver's they have. */
  long room() {
    return buffers.byteCount();
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Whether there is no use in waiting for more: all that the queue can hold is here. */
  boolean isFull(SplitQueue ring) {
    return count >= ring.size() || buffers.count() >= ring.size() || buffers.count() >= BUFFERS_MAX;
  }

  /**
   * Hot: takes chains until there are {@code wanted} bytes, if the driver has so many.
   *
   * @param chainsMax no more than so many are here afterwards
   */
  void fill(SplitQueue ring, long wanted, int chainsMax) {
    if (buffers.spare() < IovecArray.IOV_MAX - BUFFERS_MAX) {
      buffers.compact();
    }
    int left = CHAINS_MAX; // empty ones are given back: a driver could offer them for ever
    while (buffers.byteCount() < wanted
        && count < chainsMax
        && buffers.count() < BUFFERS_MAX
        && left-- > 0
        && ring.poll() == SplitQueue.CHAIN) {
      take(ring);
    }
  }

  private void take(SplitQueue ring) {
    DescriptorChain chain = ring.chain();
    int place = (first + count) & MASK;
    long length = 0;
    while (chain.next()) {
      // One entry stays free for the buffer behind.
      if (chain.isWritable() && chain.length() > 0 && buffers.spare() > 1) {
        if (length == 0) {
          gpas[place] = chain.gpa();
          firstLengths[place] = chain.length();
        }
        buffers.add(chain.hva(), chain.length());
        length += chain.length();
      }
    }
    if (ring.brokenReason() != null) {
      return; // everything is forgotten soon
    }
    if (length == 0) {
      ring.push(chain.head(), 0);
      return;
    }
    heads[place] = chain.head();
    lengths[place] = length;
    count++;
  }

  /** Puts the buffer of our own behind the driver's, for one call to receive. */
  void addSpill() {
    buffers.add(spill.address(), ROOM);
  }

  /** Takes it away again. */
  void removeSpill() {
    buffers.removeLast();
  }

  /** Everything, from the header on. */
  IovecArray withHeader() {
    return buffers;
  }

  /** Everything behind the header, as it is now. */
  IovecArray withoutHeader() {
    bare.clear();
    bare.addFrom(buffers, NetHeader.SIZE, buffers.byteCount() - NetHeader.SIZE);
    return bare;
  }

  /** What {@link #withoutHeader} answered last. */
  IovecArray sameWithoutHeader() {
    return bare;
  }

  /**
   * Moves what went into the buffer of our own to where it belongs, now that there is room. The one
   * copy on this way, and a rare one: the driver had fewer bytes ready than the frame has.
   *
   * @param roomBefore of the driver's bytes, when the frame was read
   * @param length of the frame, which there is room for
   */
  void moveSpill(long roomBefore, long length) {
    tail.clear();
    tail.addFrom(buffers, roomBefore, length - roomBefore);
    tail.copyFrom(spill, 0, (int) (length - roomBefore));
  }

  /** Hot: the six bytes behind the header, as {@link MacAddress#bits}. */
  long destination(GuestMemory memory) {
    if (firstLengths[first] >= PEEK) {
      return memory.getLong(gpas[first] + NetHeader.SIZE) & MacAddress.MASK;
    }
    buffers.copyTo(peeked, 0, PEEK); // a frame has as many, its header included
    return peeked.get(LE64, NetHeader.SIZE) & MacAddress.MASK;
  }

  /** Hot: how many chains a frame of that length fills, which there is room for. */
  int chainsOf(long length) {
    long left = length;
    int chains = 0;
    while (left > 0) {
      left -= lengths[(first + chains) & MASK];
      chains++;
    }
    return chains;
  }

  /** Hot: writes what the header says last, and before it zeroes where the backend has none. */
  void finishHeader(GuestMemory memory, boolean hasHeader, int numBuffers) {
    if (firstLengths[first] >= NetHeader.SIZE) {
      long gpa = gpas[first];
      if (!hasHeader) {
        memory.setLong(gpa, 0);
        memory.setShort(gpa + Long.BYTES, (short) 0);
      }
      memory.setShort(gpa + NetHeader.NUM_BUFFERS, (short) numBuffers);
      return;
    }
    if (hasHeader) {
      buffers.copyTo(peeked, 0, NetHeader.SIZE);
    } else {
      peeked.fill((byte) 0);
    }
    peeked.set(LE16, NetHeader.NUM_BUFFERS, (short) numBuffers);
    buffers.copyFrom(peeked, 0, NetHeader.SIZE);
  }

  /** Hot: gives the chains that a frame of that length fills to the driver. */
  void push(SplitQueue ring, long length) {
    long left = length;
    long taken = 0;
    while (left > 0) {
      long room = lengths[first];
      ring.push(heads[first], Math.min(room, left));
      left -= room;
      taken += room;
      first = (first + 1) & MASK;
      count--;
    }
    buffers.advance(taken);
  }

  @Override
  public void close() {
    buffers.close();
    bare.close();
    tail.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
