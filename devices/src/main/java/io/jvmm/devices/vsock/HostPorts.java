package io.jvmm.devices.vsock;

import io.jvmm.host.CallState;
import org.jspecify.annotations.Nullable;

/**
 * The host's side of a device, which the guest can connect to.
 *
 * <p>Threads: the device's I/O thread.
 */
interface HostPorts {
  /**
   * Connects.
   *
   * @param port any 32 bits
   * @param guestPort where the connection comes from
   * @param messages whether it is one of messages, not of bytes
   * @return null where nobody listens, or takes it now
   */
  @Nullable HostEnd connect(CallState call, int port, int guestPort, boolean messages);

  /** A connection has ended, and its descriptor is free. */
  void released();
}
