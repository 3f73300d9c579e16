package io.jvmm.host.uring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Where operations are put for the kernel to take ({@code io_uring(7)}).
 *
 * <p>Threads: one; the kernel takes inside that thread's {@code io_uring_enter}, or another's where
 * the ring says so, which ours never does.
 */
public final class SubmissionQueue {
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private final MemorySegment ring;
  private final long tailAt;
  private final long flagsAt;
  private final int mask;
  private final Sqe sqe;
  private int tail;
  private int unsubmitted;

  /**
   * @param ring the mapping of the rings
   * @param entries the mapping of the entries
   * @param count how many there are, a power of two
   * @param offsets {@code struct io_sqring_offsets}
   */
  SubmissionQueue(MemorySegment ring, MemorySegment entries, int count, MemorySegment offsets) {
    this.ring = ring;
    this.tailAt = Integer.toUnsignedLong(offsets.get(ValueLayout.JAVA_INT, UringAbi.SQ_OFF_TAIL));
    this.flagsAt = Integer.toUnsignedLong(offsets.get(ValueLayout.JAVA_INT, UringAbi.SQ_OFF_FLAGS));
    this.mask = count - 1;
    this.sqe = new Sqe(entries);
    // Entries are used in turn, so the array between ring and entries says the same for ever.
    long arrayAt = Integer.toUnsignedLong(offsets.get(ValueLayout.JAVA_INT, UringAbi.SQ_OFF_ARRAY));
    int[] inTurn = new int[count];
    for (int i = 0; i < count; i++) {
      inTurn[i] = i;
    }
    MemorySegment.copy(inTurn, 0, ring, ValueLayout.JAVA_INT, arrayAt, count);
  }

  /**
   * Hot: the next entry, to be filled at once by one of its methods.
   *
   * @return null where the queue is full: submit first
   */
  public @Nullable Sqe next() {
    if (unsubmitted > mask) {
      return null;
    }
    unsubmitted++;
    return sqe.moveTo(tail++ & mask);
  }

  /** Hot: how many entries were filled and not submitted. */
  public int unsubmitted() {
    return unsubmitted;
  }

  /** Shows the kernel the entries that were filled; answers how many it has not taken. */
  int publish() {
    INT.setRelease(ring, tailAt, tail); // the entries before it; pairs with the kernel's acquire
    return unsubmitted;
  }

  /** The kernel has taken the first {@code count} of them. */
  void taken(int count) {
    unsubmitted -= count;
  }

  /** Whether the kernel keeps completions that had no room, until it is entered. */
  boolean hasOverflown() {
    return ((int) INT.getOpaque(ring, flagsAt) & UringAbi.IORING_SQ_CQ_OVERFLOW) != 0;
  }
}
