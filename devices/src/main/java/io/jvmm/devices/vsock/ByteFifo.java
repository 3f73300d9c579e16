package io.jvmm.devices.vsock;

import io.jvmm.memory.IovecArray;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Bytes on their way, first in, first out, in chunks of a {@link ChunkPool}; costs none while it is
 * empty.
 *
 * <p>Threads: the device's I/O thread.
 */
final class ByteFifo {
  private static final int[] NO_CHUNKS = {};

  private final ChunkPool pool;

  /** Chunks in use, the oldest first. */
  private int[] chunks = NO_CHUNKS;

  private int chunkCount;

  /** Where the first byte lies in the first chunk. */
  private int head;

  private int size;

  ByteFifo(ChunkPool pool) {
    this.pool = pool;
  }

  /** How many bytes there are. */
  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /**
   * Adds all that is left of {@code from}.
   *
   * @return false where the pool has too little, and nothing more may be added
   */
  boolean append(IovecArray from) {
    while (from.byteCount() > 0) {
      if (free() == 0 && !addChunk()) {
        return false;
      }
      int chunk = chunks[chunkCount - 1];
      int at = ChunkPool.CHUNK - free();
      int n =
          from.copyTo(
              pool.segment(chunk),
              pool.offsetInSegment(chunk) + at,
              (int) Math.min(free(), from.byteCount()));
      from.advance(n);
      size += n;
    }
    return true;
  }

  /** Adds four bytes, in one that has nothing but such; the rest as {@link #append}. */
  boolean appendInt(int value) {
    if (free() == 0 && !addChunk()) {
      return false;
    }
    int chunk = chunks[chunkCount - 1];
    long at = pool.offsetInSegment(chunk) + ChunkPool.CHUNK - free();
    pool.segment(chunk).set(ValueLayout.JAVA_INT, at, value);
    size += Integer.BYTES;
    return true;
  }

  /** The first four bytes of one that has nothing but such, and has some. */
  int firstInt() {
    int chunk = chunks[0];
    return pool.segment(chunk).get(ValueLayout.JAVA_INT, pool.offsetInSegment(chunk) + head);
  }

  /** Room behind the last byte in the last chunk. */
  private int free() {
    return chunkCount * ChunkPool.CHUNK - head - size;
  }

  private boolean addChunk() {
    int chunk = pool.take();
    if (chunk == ChunkPool.NONE) {
      return false;
    }
    if (chunkCount == chunks.length) {
      chunks = Arrays.copyOf(chunks, Math.max(4, 2 * chunkCount));
    }
    chunks[chunkCount++] = chunk;
    return true;
  }

  /**
   * Makes room in an empty one, for what {@link #filled} tells later.
   *
   * @param to gets the room
   * @return false where the pool has too little
   */
  boolean reserve(IovecArray to, int length) {
    for (int left = length; left > 0; left -= ChunkPool.CHUNK) {
      if (!addChunk()) {
        clear();
        return false;
      }
      to.add(pool.address(chunks[chunkCount - 1]), Math.min(left, ChunkPool.CHUNK));
    }
    return true;
  }

  /** So many bytes of what was reserved were filled; the rest is free again. */
  void filled(int length) {
    size = length;
    while (chunkCount > 0 && (chunkCount - 1) * ChunkPool.CHUNK >= length) {
      pool.give(chunks[--chunkCount]);
    }
  }

  /** Adds where the first bytes lie, {@code length} of them, as far as there is room. */
  void gather(IovecArray to, int length) {
    int at = head;
    int left = Math.min(length, size);
    for (int i = 0; left > 0; i++) {
      int n = Math.min(ChunkPool.CHUNK - at, left);
      if (!to.add(pool.address(chunks[i]) + at, n)) {
        return;
      }
      at = 0;
      left -= n;
    }
  }

  /** Copies the first bytes and takes them off; {@code to} has room for them. */
  void moveTo(IovecArray to, int length) {
    int left = length;
    while (left > 0) {
      int chunk = chunks[0];
      int n =
          to.copyFrom(
              pool.segment(chunk),
              pool.offsetInSegment(chunk) + head,
              Math.min(ChunkPool.CHUNK - head, left));
      to.advance(n);
      consume(n);
      left -= n;
    }
  }

  /** Takes the first bytes off. */
  void consume(int length) {
    size -= length;
    head += length;
    int gone = 0;
    while (gone < chunkCount && (head >= ChunkPool.CHUNK || size == 0)) {
      pool.give(chunks[gone++]);
      head = Math.max(0, head - ChunkPool.CHUNK);
    }
    if (gone > 0) {
      System.arraycopy(chunks, gone, chunks, 0, chunkCount - gone);
      chunkCount -= gone;
      if (chunkCount == 0) {
        head = 0;
      }
    }
  }

  /** Throws everything away. */
  void clear() {
    while (chunkCount > 0) {
      pool.give(chunks[--chunkCount]);
    }
    size = 0;
    head = 0;
    chunks = NO_CHUNKS;
  }
}
