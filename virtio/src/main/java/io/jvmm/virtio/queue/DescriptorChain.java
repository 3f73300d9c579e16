package io.jvmm.virtio.queue;

import io.jvmm.memory.GuestMemory;

/**
 * A cursor over the descriptors of one chain (virtio 1.2, 2.7.5), reused for every chain of its
 * queue. Each descriptor is copied out of guest memory once, before anything of it is looked at:
 * the guest may change it at any time.
 *
 * <pre>
 * while (chain.next()) { … chain.hva() … chain.length() … chain.isWritable() … }
 * if (chain.isBroken()) …
 * </pre>
 *
 * <p>Threads: the queue's owner.
 */
public final class DescriptorChain {
  /**
   * The most descriptors of one indirect table that a chain may use: as many buffers as one {@code
   * preadv} takes. The spec's limit is the queue size, which real drivers with a small queue do not
   * keep.
   */
  public static final int MAX_INDIRECT_DESCRIPTORS = 1024;

  /** The most bytes of a chain in total (2.7.5.2). */
  public static final long MAX_CHAIN_LENGTH = 1L << 32;

  private static final int NONE = -1;

  private final SplitQueue queue;
  private final GuestMemory memory;
  private final boolean indirectAllowed;
  private final long queueTableGpa;
  private final int queueSize;

  private int head;
  private long tableGpa;
  private int tableSize;
  private int nextIndex;
  private int budget;
  private long totalLength;
  private boolean inIndirect;
  private boolean sawWritable;

  private long gpa;
  private long hva;
  private long length;
  private boolean writable;

  DescriptorChain(
      SplitQueue queue, GuestMemory memory, QueueConfig config, boolean indirectAllowed) {
    this.queue = queue;
    this.memory = memory;
    this.indirectAllowed = indirectAllowed;
    this.queueTableGpa = config.descGpa();
    this.queueSize = config.size();
    this.nextIndex = NONE;
  }

  void begin(int newHead) {
    head = newHead;
    tableGpa = queueTableGpa;
    tableSize = queueSize;
    nextIndex = newHead;
    budget = queueSize; // a chain with more descriptors than there are has a loop
    totalLength = 0;
    inIndirect = false;
    sawWritable = false;
  }

  /** The chain's first descriptor, its name in the used ring. */
  public int head() {
    return head;
  }

  /**
   * Hot: goes to the next buffer.
   *
   * @return false at the end of the chain, and where the chain is broken
   */
  public boolean next() {
    if (nextIndex == NONE) {
      return false;
    }
    long descGpa = tableGpa + (long) nextIndex * VirtqLayout.DESC_SIZE;
    long addr = memory.getLong(descGpa + VirtqLayout.DESC_ADDR);
    long lenFlagsNext = memory.getLong(descGpa + VirtqLayout.DESC_LEN_FLAGS_NEXT);
    long len = lenFlagsNext & 0xffff_ffffL;
    int flags = (int) (lenFlagsNext >>> 32) & 0xffff;
    if (budget-- == 0) {
      return broken("a descriptor chain has a loop or is too long");
    }
    if ((flags & VirtqLayout.VIRTQ_DESC_F_INDIRECT) != 0) {
      return enterIndirect(addr, len, flags) && next();
    }
    if ((flags & VirtqLayout.VIRTQ_DESC_F_NEXT) == 0) {
      nextIndex = NONE;
    } else {
      nextIndex = (int) (lenFlagsNext >>> 48);
      if (nextIndex >= tableSize) {
        return broken("a descriptor's next is outside its table");
      }
    }
    return takeBuffer(addr, len, (flags & VirtqLayout.VIRTQ_DESC_F_WRITE) != 0);
  }

  private boolean takeBuffer(long addr, long len, boolean forDevice) {
    if (sawWritable && !forDevice) {
      return broken("a readable buffer comes after a writable one");
    }
    totalLength += len; // at most (32768 + 1024) * 2^32: no overflow
    if (totalLength > MAX_CHAIN_LENGTH) {
      return broken("a descriptor chain is longer than 2^32 bytes");
    }
    long address = 0;
    if (len != 0) {
      address = memory.translate(addr, len);
      if (address == GuestMemory.UNMAPPED) {
        return broken("a buffer is not in guest RAM");
      }
    }
    sawWritable = forDevice;
    gpa = addr;
    hva = address;
    length = len;
    writable = forDevice;
    return true;
  }

  /** Zero or more plain descriptors may come before; nothing comes after the table (2.7.5.3.2). */
  private boolean enterIndirect(long addr, long len, int flags) {
    if (!indirectAllowed) {
      return broken("an indirect table without VIRTIO_F_RING_INDIRECT_DESC");
    }
    if (inIndirect) {
      return broken("an indirect table in an indirect table");
    }
    if ((flags & VirtqLayout.VIRTQ_DESC_F_NEXT) != 0) {
      return broken("an indirect table with a next descriptor");
    }
    if (len == 0 || len % VirtqLayout.DESC_SIZE != 0) {
      return broken("an indirect table's length is no multiple of a descriptor's");
    }
    if (memory.translate(addr, len) == GuestMemory.UNMAPPED) {
      return broken("an indirect table is not in guest RAM");
    }
    inIndirect = true;
    tableGpa = addr;
    tableSize = (int) (len / VirtqLayout.DESC_SIZE);
    budget = Math.min(tableSize, MAX_INDIRECT_DESCRIPTORS);
    nextIndex = 0;
    return true;
  }

  private boolean broken(String reason) {
    nextIndex = NONE;
    queue.markBroken(reason);
    return false;
  }

  /** Whether the queue is broken, by this chain or before. */
  public boolean isBroken() {
    return queue.brokenReason() != null;
  }

  /** Guest physical address of the buffer; any value where its length is zero. */
  public long gpa() {
    return gpa;
  }

  /** Host address of the buffer, wholly in guest RAM; 0 where its length is zero. */
  public long hva() {
    return hva;
  }

  /** In bytes, 0 to 2^32 - 1. */
  public long length() {
    return length;
  }

  /** For the device to write (else to read). */
  public boolean isWritable() {
    return writable;
  }
}
