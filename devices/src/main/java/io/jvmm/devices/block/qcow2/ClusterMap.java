package io.jvmm.devices.block.qcow2;

import static io.jvmm.devices.block.qcow2.BigEndian.BE64;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * From the disk's clusters to the file's: the L1 table, which is held in memory, and L2 tables,
 * which are cached. {@link #find} fills the fields that tell what there is.
 *
 * <p>Threads: the image's one.
 */
final class ClusterMap implements AutoCloseable {
  /** Nothing here: as in the backing file, or zeroes where there is none. */
  static final int UNALLOCATED = 0;

  /** Zeroes; a cluster may be kept for it all the same. */
  static final int ZERO = 1;

  static final int DATA = 2;
  static final int COMPRESSED = 3;

  static final long ENTRY_COPIED = 1L << 63;
  static final long ENTRY_ZERO = 1;
  private static final long ENTRY_COMPRESSED = 1L << 62;
  private static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;

  private final ImageFile file;
  private final Qcow2Header header;
  private final Extent extent;
  private final Arena arena;
  private final MemorySegment l1;
  private final TableCache cache;
  private final int clusterBits;
  private final int clusterSize;

  /** Bytes of the L1 table that are changed: from, to. */
  private long l1DirtyFrom = Long.MAX_VALUE;

  private long l1DirtyTo;

  private int kind;
  private long host;
  private long length;
  private boolean inPlace;
  private long descriptor;

  private int slot;
  private int slotIndex;

  private ClusterMap(
      ImageFile file,
      Qcow2Header header,
      Extent extent,
      Arena arena,
      MemorySegment l1,
      int cacheBytes) {
    this.file = file;
    this.header = header;
    this.extent = extent;
    this.arena = arena;
    this.l1 = l1;
    this.clusterBits = header.clusterBits();
    this.clusterSize = header.clusterSize();
    this.cache = new TableCache(file, clusterSize, cacheBytes);
  }

  /**
   * Reads the L1 table.
   *
   * @param cacheBytes for L2 tables, a power of two
   * @throws io.jvmm.host.SyscallException where that fails
   */
  static ClusterMap load(
      CallState state, ImageFile file, Qcow2Header header, Extent extent, int cacheBytes) {
    long bytes = (long) header.l1Entries() * Long.BYTES;
    Arena arena = Arena.ofShared();
    try {
      MemorySegment l1 = arena.allocate(bytes, Long.BYTES);
      file.load(state, l1, header.l1Offset(), "read of the L1 table");
      return new ClusterMap(file, header, extent, arena, l1, cacheBytes);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Hot: looks up what lies at an offset of the disk, and how far it goes on like that, within what
   * one slice of an L2 table maps.
   *
   * @param max bytes of interest from there on, at least one
   * @return 0, {@code -errno}, or {@link TableCache#NO_ROOM}
   */
  int find(CallState state, long offset, long max) {
    long inCluster = offset & (clusterSize - 1);
    long entry = l1Entry(offset);
    long table = entry & OFFSET_MASK;
    if (table == 0) {
      // No further than a slice maps: whoever changes what was found has one slice selected.
      long reach = (long) clusterSize * (cache.sliceSize() / Long.BYTES);
      kind = UNALLOCATED;
      host = 0;
      inPlace = false;
      length = Math.min(max, reach - (offset & (reach - 1)));
      return 0;
    }
    int result = select(state, offset, table);
    if (result != 0) {
      return result;
    }
    long first = cache.get64(slot, slotIndex * Long.BYTES);
    result = classify(first);
    if (result != 0) {
      return result;
    }
    boolean tableIsOurs = (entry & ENTRY_COPIED) != 0;
    inPlace = tableIsOurs && (first & ENTRY_COPIED) != 0 && kind != COMPRESSED;
    long found = clusterSize - inCluster;
    int perSlice = cache.sliceSize() / Long.BYTES;
    long follower = first;
    for (int i = slotIndex + 1; found < max && i < perSlice && kind != COMPRESSED; i++) {
      if (host != 0) {
        follower += clusterSize; // side by side in the file too
      }
      if (cache.get64(slot, i * Long.BYTES) != follower) {
        break;
      }
      found += clusterSize;
    }
    if (host != 0) {
      long reach = extent.end() - host - inCluster;
      found = Math.min(found, reach);
      host += inCluster;
    }
    length = Math.min(found, max);
    return 0;
  }

  /** Sets kind, host (the cluster's offset, or 0) and descriptor. */
  private int classify(long entry) {
    if ((entry & ENTRY_COMPRESSED) != 0) {
      kind = COMPRESSED;
      host = 0;
      descriptor = entry & ~(ENTRY_COPIED | ENTRY_COMPRESSED);
      return 0;
    }
    host = entry & OFFSET_MASK;
    if (host != 0 && !extent.isCluster(host)) {
      return -Errno.EIO;
    }
    if (header.version() >= 3 && (entry & ENTRY_ZERO) != 0) {
      kind = ZERO;
    } else {
      kind = host == 0 ? UNALLOCATED : DATA;
    }
    return 0;
  }

  /** Brings in the L2 slice of an offset whose table lies there. */
  private int select(CallState state, long offset, long table) {
    if (!extent.isCluster(table)) {
      return -Errno.EIO;
    }
    long index = (offset >>> clusterBits) & ((1L << header.l2Bits()) - 1);
    int perSlice = cache.sliceSize() / Long.BYTES;
    long at = table + (index & -perSlice) * Long.BYTES;
    int loaded = cache.load(state, at);
    if (loaded < 0) {
      return loaded;
    }
    slot = loaded;
    slotIndex = (int) index & (perSlice - 1);
    return 0;
  }

  /** What {@link #find} has found. */
  int kind() {
    return kind;
  }

  /** The byte's offset in the file; of {@link #ZERO} too, where a cluster is kept for it; or 0. */
  long host() {
    return host;
  }

  /** How many bytes there are of this kind, side by side in the file where they have a host. */
  long length() {
    return length;
  }

  /** Whether the host's cluster may be written where it is. */
  boolean isInPlace() {
    return inPlace;
  }

  /** Of a compressed cluster: where and how long it is. */
  long descriptor() {
    return descriptor;
  }

  /**
   * Whether an offset's L2 table is there and belongs to nobody else, so that it may be changed.
   */
  boolean hasOwnTable(long offset) {
    long entry = l1Entry(offset);
    return (entry & ENTRY_COPIED) != 0 && (entry & OFFSET_MASK) != 0;
  }

  /** Where an offset's L2 table lies, or 0. */
  long table(long offset) {
    return l1Entry(offset) & OFFSET_MASK;
  }

  /** Puts a table that was written in place, in memory for now. */
  void setTable(long offset, long table) {
    long at = l1Index(offset) * Long.BYTES;
    l1.set(BE64, at, table | ENTRY_COPIED);
    l1DirtyFrom = Math.min(l1DirtyFrom, at);
    l1DirtyTo = Math.max(l1DirtyTo, at + Long.BYTES);
    cache.forget(table, clusterSize);
  }

  /**
   * Hot: brings in the entries from an offset on, to change them; {@link #entry} and {@link
   * #setEntry} are good until the next call of this or of {@link #find}.
   *
   * @return 0, {@code -errno}, or {@link TableCache#NO_ROOM}
   */
  int selectOwn(CallState state, long offset) {
    long table = table(offset);
    return extent.isProtected(table, clusterSize) ? -Errno.EIO : select(state, offset, table);
  }

  /** Hot: the L2 entry of the i-th cluster from the one that was selected. */
  long entry(int i) {
    return cache.get64(slot, (slotIndex + i) * Long.BYTES);
  }

  /** Hot: changes it, in memory for now. */
  void setEntry(int i, long value) {
    cache.set64(slot, (slotIndex + i) * Long.BYTES, value);
  }

  /** The cluster of an entry that is not compressed, or 0. */
  static long hostOf(long entry) {
    return entry & OFFSET_MASK;
  }

  static boolean isCompressed(long entry) {
    return (entry & ENTRY_COMPRESSED) != 0;
  }

  private long l1Index(long offset) {
    return offset >>> (clusterBits + header.l2Bits());
  }

  private long l1Entry(long offset) {
    return l1.get(BE64, l1Index(offset) * Long.BYTES);
  }

  /** Whether anything waits to be written. */
  boolean isDirty() {
    return cache.isDirty() || l1DirtyTo > 0;
  }

  /**
   * Writes what is changed: data, refcounts and new tables must be on the medium by now. The order
   * in here is free, since a new table was written, empty or as a copy, before its L1 entry was
   * set.
   */
  int writeBack(CallState state) {
    int result = cache.writeBack(state);
    if (result == 0 && l1DirtyTo > 0) {
      long bytes = l1DirtyTo - l1DirtyFrom;
      result = file.write(state, l1, l1DirtyFrom, bytes, header.l1Offset() + l1DirtyFrom);
      if (result == 0) {
        l1DirtyFrom = Long.MAX_VALUE;
        l1DirtyTo = 0;
      }
    }
    return result;
  }

  @Override
  public void close() {
    cache.close();
    arena.close();
  }
}
