package io.jvmm.virtio;

import io.jvmm.host.CallState;

/**
 * How a transport gets the driver's attention: by a status bit and one line, or by a vector for
 * each queue.
 *
 * <p>Threads: any thread raises, each with its own {@link CallState}; {@link #reset} is called when
 * the device has stopped.
 */
public interface TransportInterrupts {
  /** Hot: there is something in the used ring of {@code queue}. */
  void usedBuffers(CallState state, int queue);

  /** The configuration space or the device status has changed. */
  void configChanged(CallState state);

  /** Forgets what was raised and not yet seen, and what the driver has chosen. */
  void reset();
}
