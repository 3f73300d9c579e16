package io.jvmm.devices.balloon;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.DescriptorChain;

/**
 * Reads the numbers of a chain's readable buffers: {@code le32 pfns[]} (virtio 1.2, 5.5.6), cut
 * into buffers as the driver likes.
 *
 * <p>Threads: the device's I/O thread.
 */
final class PageNumbers {
  /**
   * The most that are taken of one chain, which bounds the work for it: each may be a system call.
   * Linux puts 256 into one.
   */
  static final int CHAIN_MAX = 4096;

  private GuestMemory memory;
  private DescriptorChain chain;
  private int taken;
  private long at;
  private long left;
  private long pfn;

  PageNumbers(GuestMemory memory, DescriptorChain chain) {
    this.memory = memory;
    this.chain = chain;
  }

  /** Begins with another chain. */
  void begin(GuestMemory newMemory, DescriptorChain newChain) {
    memory = newMemory;
    chain = newChain;
    taken = 0;
    left = 0;
  }

  /** Hot: goes to the next number; false at the end and at the limit. */
  boolean next() {
    if (taken == CHAIN_MAX) {
      return false;
    }
    if (left >= Integer.BYTES) {
      pfn = Integer.toUnsignedLong(memory.getInt(at));
      at += Integer.BYTES;
      left -= Integer.BYTES;
    } else if (!nextInPieces()) {
      return false;
    }
    taken++;
    return true;
  }

  private boolean nextInPieces() {
    pfn = 0;
    for (int bits = 0; bits < Integer.SIZE; bits += Byte.SIZE) {
      while (left == 0) {
        if (!chain.next() || chain.isWritable()) {
          return false;
        }
        at = chain.gpa();
        left = chain.length();
      }
      pfn |= (memory.getByte(at) & 0xffL) << bits;
      at++;
      left--;
    }
    return true;
  }

  /** The number: any of 32 bits. */
  long pfn() {
    return pfn;
  }
}
