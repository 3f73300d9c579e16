package io.jvmm.virtio;

import io.jvmm.host.EventFd;

/**
 * What the driver rings when it has put something into a queue. The machine implements it with an
 * ioeventfd, so that the vCPU never leaves the kernel for it; a test signals the eventfd itself.
 */
public interface Doorbell {
  /**
   * Signalled once for any number of rings; drained by the thread that owns the queue. It stays the
   * doorbell's.
   */
  EventFd event();
}
