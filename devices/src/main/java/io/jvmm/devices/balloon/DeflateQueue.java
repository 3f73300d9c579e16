package io.jvmm.devices.balloon;

import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.Counter;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.DescriptorChain;

/**
 * Pages that the driver takes out of the balloon (virtio 1.2, 5.5.6.1). There is nothing to do: the
 * host finds a page when the guest touches it.
 *
 * <p>Threads: the device's I/O thread; any for the counter.
 */
final class DeflateQueue implements ChainHandler {
  private final Counter pages = new Counter();

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
    long bytes = 0;
    while (chain.next() && !chain.isWritable()) {
      bytes += chain.length();
    }
    pages.add(bytes / Integer.BYTES);
    return 0;
  }

  /** As the driver says. */
  long pages() {
    return pages.get();
  }
}
