package io.jvmm.devices.balloon;

import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.DescriptorChain;
import org.jspecify.annotations.Nullable;

/**
 * Pages that the driver has put into the balloon (virtio 1.2, 5.5.6.1): the host has them back.
 *
 * <p>Threads: the device's I/O thread.
 */
final class InflateQueue implements ChainHandler {
  private final PageRelease release;
  private @Nullable PageNumbers numbers;

  InflateQueue(PageRelease release) {
    this.release = release;
  }

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
    PageNumbers pages = numbers;
    if (pages == null) {
      pages = new PageNumbers(memory, chain);
      numbers = pages;
    }
    pages.begin(memory, chain);
    while (pages.next()) {
      release.add(state, memory, pages.pfn());
    }
    release.flush(state, memory);
    return 0;
  }
}
