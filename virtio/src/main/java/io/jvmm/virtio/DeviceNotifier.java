package io.jvmm.virtio;

import io.jvmm.host.CallState;

/**
 * What a live device tells its driver; the transport implements it.
 *
 * <p>Threads: the I/O threads of the device, each with its own {@link CallState}; nothing here
 * waits for a vCPU.
 */
public interface DeviceNotifier {
  /**
   * Hot: a used buffer notification (virtio 1.2, 2.3): there is something in the used ring of queue
   * {@code queue}.
   */
  void usedBuffers(CallState state, int queue);

  /** A configuration change notification. */
  void configChanged(CallState state);

  /**
   * The device has been fed what it cannot go on with: {@link DeviceStatus#DEVICE_NEEDS_RESET}. The
   * machine goes on, the device waits for the driver's reset.
   *
   * @param reason for people: what the driver did wrong
   */
  void needsReset(CallState state, String reason);
}
