package io.jvmm.devices.block.qcow2;

import static io.jvmm.devices.block.qcow2.BigEndian.BE64;

import io.jvmm.host.CallState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Slices of a file's tables in memory: read when they are needed, written by {@link #writeBack}
 * alone. A slice is found by its offset in the file; of those that are not changed the one that was
 * not used for long makes room (the clock algorithm).
 *
 * <p>Threads: the image's one.
 */
final class TableCache implements AutoCloseable {
  /** Every slice is changed: write them back. */
  static final int NO_ROOM = Integer.MIN_VALUE;

  /** A page: 512 entries of an L2 table, which map 32 MiB in clusters of 64 KiB. */
  private static final int SLICE_MAX = 4096;

  private static final int NONE = -1;

  private final ImageFile file;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment data;
  private final int sliceSize;
  private final long[] offsets;
  private final boolean[] dirty;
  private final boolean[] used;

  /** Slots whose slices have the same hash are a list. */
  private final int[] first;

  private final int[] next;
  private int hand;
  private int dirtyCount;

  /**
   * @param bytes what it may hold, a power of two
   */
  TableCache(ImageFile file, int clusterSize, int bytes) {
    this.file = file;
    this.sliceSize = Math.min(clusterSize, SLICE_MAX);
    int slots = bytes / sliceSize;
    this.data = arena.allocate(bytes, SLICE_MAX);
    this.offsets = new long[slots];
    this.dirty = new boolean[slots];
    this.used = new boolean[slots];
    this.first = new int[slots];
    this.next = new int[slots];
    Arrays.fill(offsets, NONE);
    Arrays.fill(first, NONE);
  }

  /** Bytes of a slice: a power of two, a cluster's at most. */
  int sliceSize() {
    return sliceSize;
  }

  /** Whether anything waits to be written. */
  boolean isDirty() {
    return dirtyCount > 0;
  }

  /**
   * Hot: brings a slice in.
   *
   * @param offset in the file, a multiple of {@link #sliceSize}
   * @return its slot, good until the next call of this; {@code -errno}, or {@link #NO_ROOM}
   */
  int load(CallState state, long offset) {
    int slot = find(offset);
    if (slot != NONE) {
      used[slot] = true;
      return slot;
    }
    slot = victim();
    if (slot == NONE) {
      return NO_ROOM;
    }
    drop(slot);
    int result = file.read(state, data, position(slot), sliceSize, offset);
    if (result != 0) {
      return result;
    }
    int hash = hash(offset);
    offsets[slot] = offset;
    used[slot] = true;
    next[slot] = first[hash];
    first[hash] = slot;
    return slot;
  }

  private int find(long offset) {
    int slot = first[hash(offset)];
    while (slot != NONE && offsets[slot] != offset) {
      slot = next[slot];
    }
    return slot;
  }

  private int hash(long offset) {
    long mixed = (offset / sliceSize) * 0x9E37_79B9_7F4A_7C15L; // 2^64 by the golden ratio
    return (int) (mixed >>> 32) & (first.length - 1);
  }

  private int victim() {
    for (int i = 0; i < 2 * offsets.length; i++) {
      int slot = hand;
      hand = (hand + 1) & (offsets.length - 1);
      if (!dirty[slot]) {
        if (!used[slot]) {
          return slot;
        }
        used[slot] = false;
      }
    }
    return NONE;
  }

  private void drop(int slot) {
    long offset = offsets[slot];
    if (offset == NONE) {
      return;
    }
    int hash = hash(offset);
    if (first[hash] == slot) {
      first[hash] = next[slot];
    } else {
      int before = first[hash];
      while (next[before] != slot) {
        before = next[before];
      }
      next[before] = next[slot];
    }
    offsets[slot] = NONE;
    used[slot] = false;
    if (dirty[slot]) {
      dirty[slot] = false;
      dirtyCount--;
    }
  }

  /** Forgets what lies in a range of the file, which something else has written. */
  void forget(long offset, long length) {
    for (long at = offset; at < offset + length; at += sliceSize) {
      int slot = find(at);
      if (slot != NONE) {
        drop(slot);
      }
    }
  }

  /** Hot: the big-endian number at a multiple of eight in a slice. */
  long get64(int slot, int at) {
    return data.get(BE64, position(slot) + at);
  }

  /** Hot: changes it. */
  void set64(int slot, int at, long value) {
    data.set(BE64, position(slot) + at, value);
    touch(slot);
  }

  /** Hot: where a slice begins in {@link #data}. */
  long position(int slot) {
    return (long) slot * sliceSize;
  }

  /** All slices; who changes one says {@link #touch}. */
  MemorySegment data() {
    return data;
  }

  /** Hot: the slice is changed. */
  void touch(int slot) {
    if (!dirty[slot]) {
      dirty[slot] = true;
      dirtyCount++;
    }
  }

  /**
   * Writes every changed slice.
   *
   * @return 0, or {@code -errno}; then those that are left are still changed
   */
  int writeBack(CallState state) {
    for (int slot = 0; dirtyCount > 0 && slot < offsets.length; slot++) {
      if (dirty[slot]) {
        int result = file.write(state, data, position(slot), sliceSize, offsets[slot]);
        if (result != 0) {
          return result;
        }
        dirty[slot] = false;
        dirtyCount--;
      }
    }
    return 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
