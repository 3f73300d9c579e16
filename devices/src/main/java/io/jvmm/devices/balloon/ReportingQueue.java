package io.jvmm.devices.balloon;

import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.DescriptorChain;

/**
 * Pages that the guest's kernel has no use for (virtio 1.2, 5.5.6.7): the buffers themselves. Until
 * they are answered the guest does not use them.
 *
 * <p>Threads: the device's I/O thread.
 */
final class ReportingQueue implements ChainHandler {
  /**
   * The most bytes that are given back for one chain, which bounds the work for it: in small pages
   * some tens of milliseconds. Linux reports 32 blocks of up to 4 MiB in one.
   */
  static final long CHAIN_MAX = 256L << 20;

  private static final long PAGE_SIZE = 1L << BalloonConfig.PAGE_SHIFT;

  private final PageRelease release;

  ReportingQueue(PageRelease release) {
    this.release = release;
  }

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
    long left = CHAIN_MAX;
    while (chain.next()) {
      // In RAM, so there is no overflow.
      long start = (chain.gpa() + PAGE_SIZE - 1) & -PAGE_SIZE;
      long end = (chain.gpa() + chain.length()) & -PAGE_SIZE;
      if (!chain.isWritable() || start >= end || end - start > left) {
        release.refuse();
        continue;
      }
      left -= end - start;
      release.range(state, memory, start, end - start);
    }
    return 0;
  }
}
