package io.jvmm.devices.queue;

import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.DescriptorChain;

/**
 * What a device does with the chains of one of its queues.
 *
 * <p>Threads: the device's I/O thread.
 */
public interface ChainHandler {
  /** {@link #serve}: the chain was kept and is answered later, by {@link ServedQueue#complete}. */
  long KEPT = -1;

  /**
   * Hot: whether a chain can be dealt with now; where not, none is taken from the driver. When this
   * changes, the device calls {@link ServedQueue#resume}.
   */
  default boolean isReady() {
    return true;
  }

  /**
   * Hot: deals with one chain in a bounded amount of work. Where the chain turns out broken, what
   * is answered does not matter.
   *
   * @param memory the guest's RAM
   * @param chain stands before its first buffer
   * @return how many bytes of its writable buffers were filled, or {@link #KEPT}
   */
  long serve(CallState state, GuestMemory memory, DescriptorChain chain);
}
