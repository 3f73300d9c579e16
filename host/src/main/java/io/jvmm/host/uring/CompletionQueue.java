package io.jvmm.host.uring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Where the kernel puts the ends of operations ({@code io_uring(7)}): a cursor over them.
 *
 * <p>Threads: one, and the kernel.
 */
public final class CompletionQueue {
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private final MemorySegment ring;
  private final long headAt;
  private final long tailAt;
  private final long entriesAt;
  private final int mask;
  private int head;
  private long at;

  /**
   * @param ring the mapping of the rings
   * @param count how many entries there are, a power of two
   * @param offsets {@code struct io_cqring_offsets}
   */
  CompletionQueue(MemorySegment ring, int count, MemorySegment offsets) {
    this.ring = ring;
    this.headAt = Integer.toUnsignedLong(offsets.get(ValueLayout.JAVA_INT, UringAbi.CQ_OFF_HEAD));
    this.tailAt = Integer.toUnsignedLong(offsets.get(ValueLayout.JAVA_INT, UringAbi.CQ_OFF_TAIL));
    this.entriesAt =
        Integer.toUnsignedLong(offsets.get(ValueLayout.JAVA_INT, UringAbi.CQ_OFF_CQES));
    this.mask = count - 1;
    this.head = ring.get(ValueLayout.JAVA_INT, headAt);
  }

  /** Hot: whether there is a completion that {@link #next} would come to. */
  public boolean hasNext() {
    return (int) INT.getAcquire(ring, tailAt)
        != head; // pairs with the kernel's release of the tail
  }

  /** Hot: goes on to the next completion; false where there is none for now. */
  public boolean next() {
    if (!hasNext()) {
      return false;
    }
    at = entriesAt + (long) (head++ & mask) * UringAbi.CQE_SIZE;
    return true;
  }

  /** Hot: what the operation was given, until {@link #release}. */
  public long userData() {
    return ring.get(ValueLayout.JAVA_LONG, at + UringAbi.CQE_USER_DATA);
  }

  /** Hot: what the operation answers, or {@code -errno}, until {@link #release}. */
  public int result() {
    return ring.get(ValueLayout.JAVA_INT, at + UringAbi.CQE_RES);
  }

  /** Hot: gives the entries that were come to back to the kernel. */
  public void release() {
    INT.setRelease(ring, headAt, head); // what was read before it; pairs with the kernel's acquire
  }
}
