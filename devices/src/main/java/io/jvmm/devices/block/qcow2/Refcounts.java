package io.jvmm.devices.block.qcow2;

import static io.jvmm.devices.block.qcow2.BigEndian.BE32;
import static io.jvmm.devices.block.qcow2.BigEndian.BE64;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Which clusters of the file are free, and taking and giving them back. A table, held in memory,
 * points to blocks of refcounts, which are cached.
 *
 * <p>A refcount may reach the medium too high or too early: that leaks a cluster at worst. So there
 * is no order among its writes; what refers to a cluster must be written after {@link #writeBack}
 * and a sync.
 *
 * <p>Threads: the image's one.
 */
final class Refcounts implements AutoCloseable {
  /** At the default sizes, refcounts of 8 GiB of the file. */
  private static final int CACHE_BYTES = 256 << 10;

  /**
   * Clusters that one request looks at: all of a file of 16 TiB at the default size, in seconds. A
   * table can lead to one full block again and again, which would keep a request for a quarter of
   * an hour, and who closes the disk with it. The next request goes on from there.
   */
  static final long SCAN_MAX = 1L << 28;

  /** No block has a refcount for the cluster: it is free. */
  private static final long NOT_COVERED = Long.MIN_VALUE;

  private static final long OFFSET_MASK = ~0x1ffL;

  /** Host offsets of 2^56 bytes or more cannot be written in an L2 entry. */
  private static final int HOST_OFFSET_BITS = 56;

  private final ImageFile file;
  private final Qcow2Header header;
  private final Extent extent;
  private final TableCache cache;
  private final RefcountWidth width;
  private final int clusterSize;
  private final long scanMax;

  /** The logarithm of the refcounts in a block. */
  private final int blockBits;

  private Arena tableArena;
  private MemorySegment table;
  private long tableOffset;

  /** Every cluster before it is taken. */
  private long freeFrom;

  private int granted;
  private boolean fresh;

  private Refcounts(
      ImageFile file,
      Qcow2Header header,
      Extent extent,
      long scanMax,
      Arena arena,
      MemorySegment table) {
    this.file = file;
    this.header = header;
    this.extent = extent;
    this.width = new RefcountWidth(header.refcountOrder());
    this.clusterSize = header.clusterSize();
    this.scanMax = scanMax;
    this.blockBits = header.clusterBits() + 3 - header.refcountOrder();
    this.tableArena = arena;
    this.table = table;
    this.tableOffset = header.refcountOffset();
    this.cache = new TableCache(file, clusterSize, CACHE_BYTES);
    extent.protectRefcountTable(tableOffset, table.byteSize());
  }

  /**
   * Reads the table.
   *
   * @param scanMax clusters that one request looks at: {@link #SCAN_MAX}
   * @throws io.jvmm.host.SyscallException where that fails
   */
  static Refcounts load(
      CallState state, ImageFile file, Qcow2Header header, Extent extent, long scanMax) {
    long bytes = (long) header.refcountClusters() << header.clusterBits();
    Arena arena = Arena.ofShared();
    try {
      MemorySegment table = arena.allocate(bytes, Long.BYTES);
      file.load(state, table, header.refcountOffset(), "read of the refcount table");
      return new Refcounts(file, header, extent, scanMax, arena, table);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Hot: takes free clusters that lie side by side, as many as there are; {@link #granted} tells
   * how many, {@link #isFresh} what they hold.
   *
   * @param count how many are wanted, at least one
   * @return the first one's offset, or {@code -errno}, and then none is taken
   */
  long allocate(CallState state, int count) {
    long first = findFree(state);
    if (first < 0) {
      return first;
    }
    granted = 0;
    while (granted < count) {
      long refcount =
          extent.isProtected((first + granted) << header.clusterBits(), clusterSize)
              ? 1
              : get(state, first + granted);
      if (refcount != 0) {
        break; // taken, not covered yet, or not to be read: what there is will do
      }
      int result = set(state, first + granted, 1);
      if (result != 0) {
        giveBack(state, first << header.clusterBits(), granted);
        return result;
      }
      granted++;
    }
    if (granted == 0) {
      return -Errno.EIO;
    }
    freeFrom = first + granted;
    long offset = first << header.clusterBits();
    fresh = offset >= extent.end();
    extent.grow(offset + (long) granted * clusterSize);
    return offset;
  }

  /** How many clusters {@link #allocate} has taken. */
  int granted() {
    return granted;
  }

  /** Whether nobody has ever written them, so that they read as zeroes. */
  boolean isFresh() {
    return fresh;
  }

  /** The first free cluster that a block has a refcount for; {@code -errno} where there is none. */
  private long findFree(CallState state) {
    long left = scanMax;
    for (long cluster = freeFrom; ; cluster++) {
      if (left-- == 0) {
        return -Errno.EIO;
      }
      if (cluster >>> (HOST_OFFSET_BITS - header.clusterBits()) != 0) {
        return -Errno.EFBIG;
      }
      long refcount = get(state, cluster);
      if (refcount == NOT_COVERED) {
        int result = cover(state, cluster);
        if (result != 0) {
          return result;
        }
        cluster = freeFrom - 1; // a table that grew has left free clusters
        continue;
      }
      if (refcount < 0) {
        return refcount;
      }
      if (refcount == 0 && !extent.isProtected(cluster << header.clusterBits(), clusterSize)) {
        return cluster;
      }
      freeFrom = cluster;
    }
  }

  /** Gives clusters back that were taken and that nothing has ever referred to. */
  void giveBack(CallState state, long offset, int count) {
    long first = offset >>> header.clusterBits();
    for (int i = 0; i < count; i++) {
      // An error leaks one: the table and its blocks were just there.
      set(state, first + i, 0);
    }
    freeFrom = Math.min(freeFrom, first);
  }

  /**
   * Takes one reference off each cluster; those that become free are given back to the host. What
   * cannot be done leaks, which the format allows.
   */
  void release(CallState state, long offset, long count) {
    long first = offset >>> header.clusterBits();
    long run = 0; // free clusters before the one that is looked at
    for (long i = 0; i <= count; i++) {
      if (i < count && decrement(state, first + i)) {
        run++;
      } else if (run > 0) {
        long from = first + i - run;
        freeFrom = Math.min(freeFrom, from);
        file.release(state, from << header.clusterBits(), run << header.clusterBits());
        run = 0;
      }
    }
  }

  /** Whether the cluster is free now. */
  private boolean decrement(CallState state, long cluster) {
    if (extent.isProtected(cluster << header.clusterBits(), clusterSize)) {
      return false;
    }
    long refcount = get(state, cluster);
    return refcount > 0 && set(state, cluster, refcount - 1) == 0 && refcount == 1;
  }

  /**
   * A cluster's refcount, those above 2^63 as the largest; {@code -errno}, or {@link #NOT_COVERED}
   * where no block has one for it.
   */
  private long get(CallState state, long cluster) {
    int slot = loadBlock(state, cluster);
    if (slot < 0) {
      return slot == TableCache.NO_ROOM ? NOT_COVERED : slot;
    }
    return width.get(cache.data(), cache.position(slot), slicePosition(cluster));
  }

  private int set(CallState state, long cluster, long value) {
    int slot = loadBlock(state, cluster);
    if (slot < 0) {
      return slot == TableCache.NO_ROOM ? -Errno.EIO : slot;
    }
    width.put(cache.data(), cache.position(slot), slicePosition(cluster), value);
    cache.touch(slot);
    return 0;
  }

  /** A refcount's place in its slice, in bits. */
  private long slicePosition(long cluster) {
    return width.bits(cluster) & (cache.sliceSize() * 8L - 1);
  }

  /** The slot of a cluster's refcount, {@code -errno}, or NO_ROOM where there is no block. */
  private int loadBlock(CallState state, long cluster) {
    long index = cluster >>> blockBits;
    if (index >= table.byteSize() / Long.BYTES) {
      return TableCache.NO_ROOM;
    }
    long block = table.get(BE64, index * Long.BYTES) & OFFSET_MASK;
    if (block == 0) {
      return TableCache.NO_ROOM;
    }
    if (!extent.isCluster(block)) {
      return -Errno.EIO;
    }
    long inBlock = blockPosition(cluster) >>> 3;
    long slice = block + (inBlock & -cache.sliceSize());
    int slot = cache.load(state, slice);
    if (slot == TableCache.NO_ROOM) {
      int result = cache.writeBack(state);
      if (result != 0) {
        return result;
      }
      slot = cache.load(state, slice);
    }
    return slot;
  }

  /** Makes a block for refcounts of this cluster and its neighbours: the cluster becomes it. */
  private int cover(CallState state, long cluster) {
    long index = cluster >>> blockBits;
    if (index >= table.byteSize() / Long.BYTES) {
      return growTable(state);
    }
    long offset = cluster << header.clusterBits();
    if (extent.isProtected(offset, clusterSize)) {
      return -Errno.EIO;
    }
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment block = scratch.allocate(clusterSize, Long.BYTES);
      width.put(block, 0, blockPosition(cluster), 1);
      int result = file.write(state, block, 0, clusterSize, offset);
      if (result == 0) {
        result = file.sync(state); // a block must be there before the table points to it
      }
      if (result != 0) {
        return result;
      }
    }
    cache.forget(offset, clusterSize);
    extent.grow(offset + clusterSize);
    table.set(BE64, index * Long.BYTES, offset);
    int result =
        file.write(state, table, index * Long.BYTES, Long.BYTES, tableOffset + index * Long.BYTES);
    if (result != 0) {
      table.set(BE64, index * Long.BYTES, 0);
    }
    return result;
  }

  /** A refcount's place in its block, in bits. */
  private long blockPosition(long cluster) {
    return width.bits(cluster & ((1L << blockBits) - 1));
  }

  /**
   * Makes a larger table. It lies behind everything, with blocks for itself; then the header points
   * to it, and the old one is free.
   */
  private int growTable(CallState state) {
    long oldEntries = table.byteSize() / Long.BYTES;
    long covered = oldEntries << blockBits;
    long start = Math.max(covered, extent.end() >>> header.clusterBits());
    TableGrowth plan = TableGrowth.plan(oldEntries, start, header.clusterBits(), blockBits);
    long bytes = plan.tableClusters() << header.clusterBits();
    if (bytes > Qcow2Header.REFCOUNT_TABLE_BYTES_MAX) {
      return -Errno.EFBIG;
    }
    Arena arena = Arena.ofShared();
    int result = -Errno.EIO;
    try {
      MemorySegment grown = arena.allocate(bytes, Long.BYTES);
      MemorySegment.copy(table, 0, grown, 0, table.byteSize());
      result = writeGrown(state, plan, grown);
      if (result == 0) {
        adopt(state, arena, grown, start << header.clusterBits());
      }
      return result;
    } finally {
      if (result != 0) {
        arena.close();
      }
    }
  }

  private int writeGrown(CallState state, TableGrowth plan, MemorySegment grown) {
    long end = plan.end();
    extent.grow(end << header.clusterBits());
    int result = 0;
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment block = scratch.allocate(clusterSize, Long.BYTES);
      for (long i = 0; i < plan.blocks() && result == 0; i++) {
        block.fill((byte) 0);
        long from = (plan.firstBlock() + i) << blockBits;
        long to = Math.min(from + (1L << blockBits), end);
        for (long cluster = Math.max(from, plan.start()); cluster < to; cluster++) {
          width.put(block, 0, blockPosition(cluster), 1);
        }
        long offset = (plan.start() + plan.tableClusters() + i) << header.clusterBits();
        grown.set(BE64, (plan.firstBlock() + i) * Long.BYTES, offset);
        cache.forget(offset, clusterSize);
        result = file.write(state, block, 0, clusterSize, offset);
      }
      long offset = plan.start() << header.clusterBits();
      if (result == 0) {
        result = file.write(state, grown, 0, grown.byteSize(), offset);
      }
      if (result == 0) {
        result = file.sync(state); // the table must be there before the header points to it
      }
      if (result == 0) {
        MemorySegment pointer = scratch.allocate(Long.BYTES + Integer.BYTES, Long.BYTES);
        pointer.set(BE64, 0, offset);
        pointer.set(BE32, Long.BYTES, (int) plan.tableClusters());
        result = file.write(state, pointer, 0, pointer.byteSize(), Qcow2Header.REFCOUNT_OFFSET_AT);
      }
    }
    return result == 0 ? file.sync(state) : result;
  }

  private void adopt(CallState state, Arena arena, MemorySegment grown, long offset) {
    long oldOffset = tableOffset;
    long oldClusters = table.byteSize() >>> header.clusterBits();
    Arena old = tableArena;
    tableArena = arena;
    table = grown;
    tableOffset = offset;
    extent.protectRefcountTable(offset, grown.byteSize());
    old.close();
    release(state, oldOffset, oldClusters);
  }

  /** Writes every changed refcount: what was taken so far may be referred to after a sync. */
  int writeBack(CallState state) {
    return cache.writeBack(state);
  }

  @Override
  public void close() {
    cache.close();
    tableArena.close();
  }
}
