package io.jvmm.devices.block.qcow2;

import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a disk shows: from the file, as zeroes, unpacked, or from the backing file. Clusters
 * that lie side by side are one system call.
 *
 * <p>Threads: the image's one.
 */
final class ClusterReader implements AutoCloseable {
  private final ImageFile file;
  private final ClusterMap map;
  private final @Nullable Layer backing;
  private final int clusterBits;

  /** The part of a request's buffers that is being read. */
  private final IovecArray part = new IovecArray(IovecArray.IOV_MAX);

  private @Nullable CompressedCluster compressed;
  private @Nullable ClusterWriter writer;

  ClusterReader(ImageFile file, ClusterMap map, int clusterBits, @Nullable Layer backing) {
    this.file = file;
    this.map = map;
    this.clusterBits = clusterBits;
    this.backing = backing;
  }

  /** Whom to ask when changed tables are in the way of others. */
  void setWriter(ClusterWriter writer) {
    this.writer = writer;
  }

  /** Hot: {@link ClusterMap#find}, with room made where there is none. */
  int find(CallState state, long offset, long max) {
    int result = map.find(state, offset, max);
    ClusterWriter helper = writer;
    if (result == TableCache.NO_ROOM && helper != null) {
      result = helper.commit(state);
      if (result == 0) {
        result = map.find(state, offset, max);
      }
    }
    return result;
  }

  /** Hot: reads into all of the buffers, which it uses up; 0 or {@code -errno}. */
  int read(CallState state, IovecArray buffers, long offset) {
    long at = offset;
    while (buffers.byteCount() > 0) {
      int result = find(state, at, buffers.byteCount());
      if (result != 0) {
        return result;
      }
      long length = map.length();
      result =
          switch (map.kind()) {
            case ClusterMap.DATA -> readFile(state, buffers, map.host(), length);
            case ClusterMap.UNALLOCATED -> readBacking(state, buffers, at, length);
            case ClusterMap.COMPRESSED -> unpack(state, buffers, at, length);
            default -> readZeroes(buffers, length);
          };
      if (result != 0) {
        return result;
      }
      at += length;
    }
    return 0;
  }

  private int readFile(CallState state, IovecArray buffers, long host, long length) {
    if (length == buffers.byteCount()) {
      return file.readVector(state, buffers, host);
    }
    part.clear();
    part.addFrom(buffers, 0, length);
    buffers.advance(length);
    return file.readVector(state, part, host);
  }

  private static int readZeroes(IovecArray buffers, long length) {
    buffers.fillZero(length);
    return 0;
  }

  private int readBacking(CallState state, IovecArray buffers, long at, long length) {
    Layer below = backing;
    long there = below == null ? 0 : Math.clamp(below.size() - at, 0, length);
    if (below != null && there > 0) {
      part.clear();
      part.addFrom(buffers, 0, there);
      buffers.advance(there);
      int result = below.read(state, part, at);
      if (result != 0) {
        return result;
      }
    }
    buffers.fillZero(length - there);
    return 0;
  }

  private int unpack(CallState state, IovecArray buffers, long at, long length) {
    CompressedCluster unpacker = compressed;
    if (unpacker == null) {
      unpacker = new CompressedCluster(file, clusterBits);
      compressed = unpacker;
    }
    int result = unpacker.load(state, map.descriptor());
    if (result == 0) {
      buffers.copyFrom(unpacker.plain(), at & ((1L << clusterBits) - 1), (int) length);
      buffers.advance(length);
    }
    return result;
  }

  /** Whether what {@link #find} has found at an offset of the disk is nothing but zeroes. */
  boolean isZero(long at) {
    return map.kind() == ClusterMap.ZERO || (map.kind() == ClusterMap.UNALLOCATED && isEmpty(at));
  }

  /** Whether the backing file has nothing from an offset on. */
  private boolean isEmpty(long at) {
    return backing == null || at >= backing.size();
  }

  @Override
  public void close() {
    part.close();
    if (compressed != null) {
      compressed.close();
    }
  }
}
