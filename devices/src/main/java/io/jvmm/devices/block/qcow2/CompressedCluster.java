package io.jvmm.devices.block.qcow2;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads compressed clusters (raw deflate), and keeps the last one, since guests read a cluster in
 * pieces. Its memory is three clusters, taken when the first compressed cluster is met.
 *
 * <p>Threads: the image's one.
 */
final class CompressedCluster implements AutoCloseable {
  private static final int SECTOR_BITS = 9;

  private final ImageFile file;
  private final int clusterSize;

  private final int clusterBits;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment packed;
  private final MemorySegment plain;
  private final ByteBuffer packedBytes;
  private final ByteBuffer plainBytes;
  private final Inflater inflater = new Inflater(true);
  private long held = -1;

  CompressedCluster(ImageFile file, int clusterBits) {
    this.file = file;
    this.clusterSize = 1 << clusterBits;
    this.clusterBits = clusterBits;
    this.packed = arena.allocate(2L * clusterSize, Long.BYTES);
    this.plain = arena.allocate(clusterSize, Long.BYTES);
    this.packedBytes = packed.asByteBuffer();
    this.plainBytes = plain.asByteBuffer();
  }

  /** How many of a descriptor's bits are the offset; the rest are sectors after the first. */
  private static int offsetBits(int clusterBits) {
    return 62 - (clusterBits - 8);
  }

  /** Where a compressed cluster begins in the file. */
  static long offset(long descriptor, int clusterBits) {
    return descriptor & ((1L << offsetBits(clusterBits)) - 1);
  }

  /** How long it is at most: up to the end of its last sector; two clusters are the limit. */
  static long length(long descriptor, int clusterBits) {
    long sectors = (descriptor >>> offsetBits(clusterBits)) + 1;
    return (sectors << SECTOR_BITS) - (descriptor & ((1 << SECTOR_BITS) - 1));
  }

  /**
   * Brings a cluster in.
   *
   * @param descriptor from its L2 entry
   * @return 0, and {@link #plain} is the cluster, or {@code -errno}
   */
  int load(CallState state, long descriptor) {
    if (descriptor == held) {
      return 0;
    }
    held = -1;
    long length = length(descriptor, clusterBits);
    int result = file.read(state, packed, 0, length, offset(descriptor, clusterBits));
    if (result != 0) {
      return result;
    }
    if (!inflate((int) length)) {
      return -Errno.EIO;
    }
    held = descriptor;
    return 0;
  }

  private boolean inflate(int length) {
    inflater.reset();
    inflater.setInput(packedBytes.clear().limit(length));
    plainBytes.clear();
    try {
      while (plainBytes.hasRemaining()) {
        if (inflater.inflate(plainBytes) == 0) {
          return false; // it ends early, or wants what there is not
        }
      }
      return true;
    } catch (DataFormatException e) {
      return false;
    }
  }

  /** The cluster that was loaded last. */
  MemorySegment plain() {
    return plain;
  }

  @Override
  public void close() {
    inflater.end();
    arena.close();
  }
}
