package io.jvmm.virtio.driver;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.QueueConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The driver's side of a split virtqueue in guest RAM that begins at 0. It lays the three parts out
 * one after the other, hands out descriptors from 0 up, and takes them back with {@link #reap}.
 *
 * <p>Threads: one, which may be another than the device's.
 */
public final class DriverQueue {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHARED16 = U16.varHandle();

  static final int NEXT = 1;
  static final int WRITE = 2;
  static final int INDIRECT = 4;

  private final MemorySegment ram;
  private final int size;
  private final long desc;
  private final long avail;
  private final long used;
  private final boolean[] busy;
  private final int[] chainNext;
  private boolean eventIdx;
  private int availIdx;
  private int usedSeen;
  private int reapedHead = -1;
  private long reapedLength;

  /**
   * An empty queue.
   *
   * @param gpa where it begins, a multiple of 16
   */
  public DriverQueue(GuestMemory memory, long gpa, int size) {
    this.ram = memory.slice(0, memory.region(0).length());
    this.size = size;
    this.desc = gpa;
    this.avail = gpa + 16L * size;
    this.used = (avail + 2 + 2 + 2L * size + 2 + 3) / 4 * 4;
    this.busy = new boolean[size];
    this.chainNext = new int[size];
    Arrays.fill(chainNext, -1);
    ram.asSlice(desc, end() - desc).fill((byte) 0);
  }

  /** Suppresses by event indices instead of flags. */
  public DriverQueue withEventIdx() {
    eventIdx = true;
    return this;
  }

  /** The first byte behind it. */
  public long end() {
    return used + 2 + 2 + 8L * size + 2;
  }

  /** What the driver programs for it, ready. */
  public QueueConfig config() {
    QueueConfig config = new QueueConfig(size);
    config.setDescGpa(desc);
    config.setAvailGpa(avail);
    config.setUsedGpa(used);
    config.setReady(true);
    return config;
  }

  /** How many descriptors there are. */
  public int size() {
    return size;
  }

  /** Begins a chain. */
  public Chain chain() {
    return new Chain();
  }

  /** Writes descriptor {@code index} as it is. */
  public void setDescriptor(int index, long addr, int len, int flags, int next) {
    setTableEntry(desc, index, addr, len, flags, next);
  }

  /** Writes an entry of a table anywhere in RAM as it is. */
  public void setTableEntry(long tableGpa, int index, long addr, int len, int flags, int next) {
    long at = tableGpa + 16L * index;
    ram.set(U64, at, addr);
    ram.set(U32, at + 8, len);
    ram.set(U16, at + 12, (short) flags);
    ram.set(U16, at + 14, (short) next);
  }

  /** Makes any number available, whether or not it is a chain's head. */
  public void offer(int head) {
    ram.set(U16, avail + 4 + 2L * (availIdx % size), (short) head);
    setAvailIdx(availIdx + 1);
  }

  /** Sets {@code avail.idx}, with all that was filled before. */
  public void setAvailIdx(int idx) {
    availIdx = idx & 0xffff;
    SHARED16.setRelease(ram, avail + 2, (short) availIdx);
  }

  /** {@code avail.idx}. */
  public int availIdx() {
    return availIdx;
  }

  /** {@code used.idx}, with all that the device filled before. */
  public int usedIdx() {
    return (short) SHARED16.getAcquire(ram, used + 2) & 0xffff;
  }

  /**
   * Takes the next used chain and frees its descriptors.
   *
   * @return false where there is none
   */
  public boolean reap() {
    if (usedIdx() == usedSeen) {
      return false;
    }
    long at = used + 4 + 8L * (usedSeen % size);
    reapedHead = ram.get(U32, at);
    reapedLength = ram.get(U32, at + 4) & 0xffff_ffffL;
    usedSeen = (usedSeen + 1) & 0xffff;
    for (int i = reapedHead; i >= 0; i = chainNext[i]) {
      busy[i] = false;
    }
    return true;
  }

  /** The head of the chain that {@link #reap} took. */
  public int reapedHead() {
    return reapedHead;
  }

  /** The used length of the chain that {@link #reap} took. */
  public long reapedLength() {
    return reapedLength;
  }

  /** Wants no interrupts, or wants them again; flags alone. */
  public void setNoInterrupt(boolean wanted) {
    ram.set(U16, avail, (short) (wanted ? 1 : 0));
  }

  /** Sets {@code used_event}. */
  public void setUsedEvent(int idx) {
    ram.set(U16, avail + 4 + 2L * size, (short) idx);
  }

  /** The device's {@code avail_event}. */
  public int availEvent() {
    return ram.get(U16, used + 4 + 8L * size) & 0xffff;
  }

  /** The device's {@code used.flags}. */
  public int usedFlags() {
    return ram.get(U16, used) & 0xffff;
  }

  /**
   * Whether a driver that has gone from {@code before} to {@code avail.idx} has to ring (2.7.10).
   */
  public boolean mustRing(int before) {
    VarHandle.fullFence(); // store avail.idx before loading avail_event or flags
    if (!eventIdx) {
      return (usedFlags() & 1) == 0;
    }
    int passed = (availIdx - availEvent() - 1) & 0xffff;
    return passed < ((availIdx - before) & 0xffff);
  }

  /**
   * Asks for an interrupt with the next used chain.
   *
   * @return whether one is there already, for which none may come
   */
  public boolean waitForUsed() {
    if (eventIdx) {
      setUsedEvent(usedSeen);
    } else {
      setNoInterrupt(false);
    }
    VarHandle.fullFence(); // store used_event or flags before loading used.idx
    return usedIdx() != usedSeen;
  }

  /** How many descriptors are free. */
  public int freeCount() {
    int free = 0;
    for (boolean taken : busy) {
      free += taken ? 0 : 1;
    }
    return free;
  }

  /** The descriptor that the next buffer takes. */
  public int firstFree() {
    for (int i = 0; i < size; i++) {
      if (!busy[i]) {
        return i;
      }
    }
    throw new IllegalStateException("the driver has no free descriptor");
  }

  private int allocate() {
    int index = firstFree();
    busy[index] = true;
    chainNext[index] = -1;
    return index;
  }

  /** A chain that is being built; buffers in order, readable ones first. */
  public final class Chain {
    private int head = -1;
    private int last = -1;
    private long table = -1;
    private int tableCount;

    private Chain() {}

    /** From here on, buffers go into an indirect table at {@code tableGpa}. */
    public Chain indirect(long tableGpa) {
      append(tableGpa, 0, INDIRECT);
      table = tableGpa;
      return this;
    }

    /** A buffer for the device to read. */
    public Chain read(long gpa, int length) {
      append(gpa, length, 0);
      return this;
    }

    /** A buffer for the device to write. */
    public Chain write(long gpa, int length) {
      append(gpa, length, WRITE);
      return this;
    }

    private void append(long gpa, int length, int flags) {
      if (table >= 0) {
        if (tableCount > 0) {
          long at = table + 16L * (tableCount - 1);
          ram.set(U16, at + 12, (short) (ram.get(U16, at + 12) | NEXT));
          ram.set(U16, at + 14, (short) tableCount);
        }
        setTableEntry(table, tableCount++, gpa, length, flags, 0);
        ram.set(U32, desc + 16L * last + 8, 16 * tableCount);
        return;
      }
      int index = allocate();
      setDescriptor(index, gpa, length, flags, 0);
      if (last < 0) {
        head = index;
      } else {
        long at = desc + 16L * last;
        ram.set(U16, at + 12, (short) (ram.get(U16, at + 12) | NEXT));
        ram.set(U16, at + 14, (short) index);
        chainNext[last] = index;
      }
      last = index;
    }

    /**
     * Makes it available.
     *
     * @return its head
     */
    public int submit() {
      offer(head);
      return head;
    }
  }
}
