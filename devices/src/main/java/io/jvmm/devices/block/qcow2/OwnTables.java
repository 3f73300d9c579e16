package io.jvmm.devices.block.qcow2;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Makes L2 tables the image's own before they are changed, and brings the changes to the medium.
 *
 * <p>Threads: the image's one.
 */
final class OwnTables implements AutoCloseable {
  private final ImageFile file;
  private final Extent extent;
  private final ClusterMap map;
  private final Refcounts refcounts;
  private final FreedClusters freed;
  private final int clusterBits;
  private final int clusterSize;
  private final Arena arena = Arena.ofShared();

  /** A cluster, when it is first needed: what a new table has. */
  private @Nullable MemorySegment content;

  OwnTables(
      ImageFile file, Qcow2Header header, Extent extent, ClusterMap map, Refcounts refcounts) {
    this.file = file;
    this.extent = extent;
    this.map = map;
    this.refcounts = refcounts;
    this.clusterBits = header.clusterBits();
    this.clusterSize = header.clusterSize();
    this.freed = new FreedClusters(clusterBits);
  }

  /** Brings in the entries from an offset on, in an L2 table that is there and may be changed. */
  int own(CallState state, long at) {
    if (freed.isFull()) {
      int result = commit(state);
      if (result != 0) {
        return result;
      }
    }
    if (!map.hasOwnTable(at)) {
      int result = makeTable(state, at);
      if (result != 0) {
        return result;
      }
    }
    return select(state, at);
  }

  /** The same, where {@link #own} has been called since the last commit. */
  int select(CallState state, long at) {
    int result = map.selectOwn(state, at);
    if (result == TableCache.NO_ROOM) {
      result = commit(state);
      if (result == 0) {
        result = map.selectOwn(state, at);
      }
    }
    return result;
  }

  /** Writes a new L2 table, empty or as the one that a snapshot keeps. */
  private int makeTable(CallState state, long at) {
    long old = map.table(at);
    if (old != 0 && !extent.isCluster(old)) {
      return -Errno.EIO;
    }
    long table = refcounts.allocate(state, 1);
    if (table < 0) {
      return (int) table;
    }
    MemorySegment made = content().fill((byte) 0);
    int result = old == 0 ? 0 : file.read(state, made, 0, clusterSize, old);
    if (result == 0) {
      result = file.write(state, made, 0, clusterSize, table);
    }
    if (result != 0) {
      refcounts.giveBack(state, table, 1);
      return result;
    }
    map.setTable(at, table);
    if (old != 0) {
      freed.add(old, 1);
    }
    return 0;
  }

  private MemorySegment content() {
    MemorySegment segment = content;
    if (segment == null) {
      segment = arena.allocate(clusterSize, Long.BYTES);
      content = segment;
    }
    return segment;
  }

  /** An L2 entry goes: what it refers to has one reference less, after the next commit. */
  void free(long entry) {
    if (ClusterMap.isCompressed(entry)) {
      long descriptor = entry & ~(3L << 62);
      long offset = CompressedCluster.offset(descriptor, clusterBits);
      long last = offset + CompressedCluster.length(descriptor, clusterBits) - 1;
      freed.add(offset & -clusterSize, (last >>> clusterBits) - (offset >>> clusterBits) + 1);
    } else if (ClusterMap.hostOf(entry) != 0) {
      freed.add(ClusterMap.hostOf(entry), 1);
    }
  }

  /**
   * Hot: brings everything to the medium, in an order that leaves the image whole wherever it ends.
   *
   * @return 0 or {@code -errno}
   */
  int commit(CallState state) {
    int result = refcounts.writeBack(state);
    if (result == 0) {
      result = file.sync(state); // data, refcounts and new tables before what refers to them
    }
    if (result == 0 && map.isDirty()) {
      result = map.writeBack(state);
      if (result == 0) {
        result = file.sync(state);
      }
    }
    if (result == 0) {
      freed.release(state, refcounts);
    }
    return result;
  }

  /** The last commit, with nothing left to free. */
  private void finish(CallState state) {
    if (commit(state) == 0) {
      refcounts.writeBack(state);
      file.sync(state);
    }
  }

  /** Commits a last time. The refcounts, which stay the caller's, close after it. */
  @Override
  public void close() {
    finish(CallState.current());
    arena.close();
  }
}
