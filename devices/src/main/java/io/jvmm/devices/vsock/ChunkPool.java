package io.jvmm.devices.vsock;

import io.jvmm.host.CallState;
import io.jvmm.host.Mapping;
import io.jvmm.host.SyscallException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory for what the hosts' ends have not taken yet, in chunks; mapped as it is needed, given back
 * to the host when nobody uses it, and never more than a limit.
 *
 * <p>Threads: the device's I/O thread; the owner closes after it has let go.
 */
final class ChunkPool implements AutoCloseable {
  static final int CHUNK = 16 * 1024;

  /** Answered where there is no chunk. */
  static final int NONE = -1;

  private static final int CHUNKS_PER_SLAB = 64;
  private static final long SLAB = (long) CHUNK * CHUNKS_PER_SLAB;

  /** So many free ones stay as they are, a MiB; the pages of others go back to the host. */
  private static final int WARM = 64;

  private final int slabsMax;
  private final List<Mapping> slabs = new ArrayList<>();

  /** Free chunks, what was given back last on top. */
  private int[] free = new int[CHUNKS_PER_SLAB];

  private int freeCount;
  private int used;

  /**
   * An empty one.
   *
   * @param bytesMax rounded up to a MiB
   */
  ChunkPool(long bytesMax) {
    slabsMax = (int) Math.ceilDiv(bytesMax, SLAB);
  }

  /** Takes a chunk, or {@link #NONE}. */
  int take() {
    if (freeCount == 0 && !grow()) {
      return NONE;
    }
    used++;
    return free[--freeCount];
  }

  private boolean grow() {
    if (slabs.size() == slabsMax) {
      return false;
    }
    int first = slabs.size() * CHUNKS_PER_SLAB;
    try {
      slabs.add(Mapping.anonymous("vsock buffers", SLAB));
    } catch (SyscallException e) {
      return false; // no memory: as if the limit were lower
    }
    int[] all = new int[first + CHUNKS_PER_SLAB]; // room for every chunk there is
    for (int i = 0; i < CHUNKS_PER_SLAB; i++) {
      all[i] = first + CHUNKS_PER_SLAB - 1 - i;
    }
    free = all;
    freeCount = CHUNKS_PER_SLAB;
    return true;
  }

  /** Gives one back. */
  void give(int chunk) {
    used--;
    free[freeCount++] = chunk;
    if (freeCount > WARM) {
      int cold = free[freeCount - 1 - WARM];
      slab(cold).tryRelease(CallState.current(), offset(cold), CHUNK);
    }
  }

  /** How many are in use. */
  int used() {
    return used;
  }

  private Mapping slab(int chunk) {
    return slabs.get(chunk / CHUNKS_PER_SLAB);
  }

  private static long offset(int chunk) {
    return (long) (chunk % CHUNKS_PER_SLAB) * CHUNK;
  }

  /** Where a chunk lies, for system calls. */
  long address(int chunk) {
    return slab(chunk).address() + offset(chunk);
  }

  /** The slab that a chunk lies in, at {@link #offsetInSegment}. */
  MemorySegment segment(int chunk) {
    return slab(chunk).segment();
  }

  long offsetInSegment(int chunk) {
    return offset(chunk);
  }

  @Override
  public void close() {
    for (Mapping slab : slabs) {
      slab.close();
    }
    slabs.clear();
    freeCount = 0;
  }
}
