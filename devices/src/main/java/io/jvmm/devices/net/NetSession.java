package io.jvmm.devices.net;

import io.jvmm.host.CallState;
import io.jvmm.host.EventFd;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.DeviceNotifier;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.queue.SplitQueue;

/**
 * What there is of one queue between an activation and the reset after it.
 *
 * <p>Threads: the device's I/O thread.
 */
final class NetSession {
  private final SplitQueue ring;
  private final GuestMemory memory;
  private final DeviceNotifier notifier;
  private final EventFd doorbell;
  private final int index;

  NetSession(SplitQueue ring, QueueSet set, int index) {
    this.ring = ring;
    this.memory = set.memory();
    this.notifier = set.notifier();
    this.doorbell = set.doorbell(index).event();
    this.index = index;
  }

  SplitQueue ring() {
    return ring;
  }

  GuestMemory memory() {
    return memory;
  }

  EventFd doorbell() {
    return doorbell;
  }

  int index() {
    return index;
  }

  /** Hot: shows the driver what was pushed, and tells it where it wants that. */
  void publish(CallState state) {
    if (ring.publish()) {
      notifier.usedBuffers(state, index);
    }
  }

  /** The driver is to reset the device. */
  void needsReset(CallState state) {
    String reason = ring.brokenReason();
    notifier.needsReset(state, reason == null ? "the queue is broken" : reason);
  }
}
