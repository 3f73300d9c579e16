package io.jvmm.devices.net;

import io.jvmm.devices.queue.Counter;
import io.jvmm.virtio.StatsSink;

/**
 * A network device's counters, since it was made. Bytes are those of frames, without headers of
 * virtio.
 *
 * <p>Threads: the I/O thread counts, any thread reads.
 */
final class NetStats {
  final Counter received = new Counter();
  final Counter receivedBytes = new Counter();

  /** The driver has no use for them: other stations' frames. */
  final Counter filtered = new Counter();

  /**
   * Longer than all buffers that the driver can give, shorter than an Ethernet header, or lost on
   * the way out of the tap.
   */
  final Counter receiveDropped = new Counter();

  final Counter receiveThrottled = new Counter();

  final Counter sent = new Counter();
  final Counter sentBytes = new Counter();

  /** The driver's mistake: too short, too long, or in more pieces than there can be. */
  final Counter malformed = new Counter();

  /** The host did not take them. */
  final Counter refused = new Counter();

  final Counter transmitThrottled = new Counter();

  /** Either way, while the link was down. */
  final Counter unplugged = new Counter();

  final Counter controlRefused = new Counter();

  void report(StatsSink sink) {
    sink.count("receive.frames", received.get());
    sink.count("receive.bytes", receivedBytes.get());
    sink.count("receive.filtered", filtered.get());
    sink.count("receive.dropped", receiveDropped.get());
    sink.count("receive.throttled", receiveThrottled.get());
    sink.count("transmit.frames", sent.get());
    sink.count("transmit.bytes", sentBytes.get());
    sink.count("transmit.malformed", malformed.get());
    sink.count("transmit.refused", refused.get());
    sink.count("transmit.throttled", transmitThrottled.get());
    sink.count("unplugged.frames", unplugged.get());
    sink.count("control.refused", controlRefused.get());
  }
}
