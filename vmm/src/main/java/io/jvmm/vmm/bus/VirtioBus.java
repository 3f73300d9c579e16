package io.jvmm.vmm.bus;

import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.VirtioTransport;

/** Where virtio devices are attached, one after the other, before the first vCPU runs. */
public interface VirtioBus {
  /**
   * Puts a device into the next place.
   *
   * @return its transport, which is the machine's to close before the device
   */
  VirtioTransport attach(VirtioDevice device);
}
