package io.jvmm.devices.vsock;

import io.jvmm.devices.queue.Counter;
import io.jvmm.virtio.StatsSink;

/**
 * What the device counts.
 *
 * <p>Threads: the device's I/O thread counts, any reads.
 */
final class VsockStats {
  /** Connections that were there, refused ones left out. */
  final Counter connections = new Counter();

  /** Connections that are gone. */
  final Counter ended = new Counter();

  /** Requests of either side that came to nothing: nobody listens, or there is no room. */
  final Counter refused = new Counter();

  /** Connections that ended before their time, by either side. */
  final Counter reset = new Counter();

  final Counter bytesFromGuest = new Counter();
  final Counter bytesToGuest = new Counter();

  /** The guest sent more than it was allowed, or says that it got more than was sent. */
  final Counter creditViolations = new Counter();

  /** Packets and buffers of the guest that make no sense. */
  final Counter malformed = new Counter();

  /** Packets for a connection that there is not. */
  final Counter strays = new Counter();

  /** Answers to strays and refused requests that there was no room to note. */
  final Counter unanswered = new Counter();

  /** Clients of the host that did not say what they want. */
  final Counter badGreetings = new Counter();

  void report(StatsSink sink) {
    long all = connections.get();
    sink.count("connections", all);
    sink.count("connections.open", Math.max(0, all - ended.get()));
    sink.count("connections.refused", refused.get());
    sink.count("connections.reset", reset.get());
    sink.count("from.guest.bytes", bytesFromGuest.get());
    sink.count("to.guest.bytes", bytesToGuest.get());
    sink.count("credit.violations", creditViolations.get());
    sink.count("malformed", malformed.get());
    sink.count("strays", strays.get());
    sink.count("unanswered", unanswered.get());
    sink.count("bad.greetings", badGreetings.get());
  }
}
