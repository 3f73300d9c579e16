package io.jvmm.virtio;

/**
 * A device as any transport sees it: what it is, its configuration space, its life.
 *
 * <p>Threads: vCPU threads call everything here; {@link #activate}, {@link #reset} and those for
 * one queue one at a time and in turn, the others several at once. The device's queues belong to
 * its I/O thread, to which it hands what {@link #activate} was given; nothing but {@link #reset}
 * and {@link #resetQueue} may wait for that thread.
 */
public interface VirtioDevice {
  /** What it is, for people: {@code disk /images/root.ext4}. */
  String name();

  /** The device type (virtio 1.2, 5). */
  int deviceId();

  /**
   * All features it offers, {@link Features#VIRTIO_F_VERSION_1} among them; the same at every call.
   */
  long deviceFeatures();

  /** How many queues it has. */
  int queueCount();

  /**
   * The most descriptors queue {@code queue} can have.
   *
   * @return a power of two, up to 32768
   */
  int maxQueueSize(int queue);

  /**
   * Reads the configuration space, little-endian.
   *
   * @param offset from its beginning, not negative; beyond the end there are zeroes
   * @param size 1, 2, 4 or 8 bytes
   */
  long readConfig(int offset, int size);

  /** Writes the configuration space; what the driver may not write is ignored. */
  default void writeConfig(int offset, int size, long value) {}

  /**
   * Changes with the configuration space, so that a driver can read several fields of one state. A
   * device that changes it moves this on before and after.
   */
  default int configGeneration() {
    return 0;
  }

  /** The driver is ready ({@link DeviceStatus#DRIVER_OK}): begins to serve the queues. */
  void activate(QueueSet queues);

  /**
   * Stops serving. When this returns, the device touches guest memory no more and has forgotten the
   * queues; requests it was working on may have been done or not. Does nothing where it is not
   * active.
   */
  void reset();

  /**
   * Stops serving one queue, where {@link Features#VIRTIO_F_RING_RESET} was agreed on. When this
   * returns, the device has forgotten the queue, touches no memory of a chain that came from it,
   * and tells the driver nothing of it; the other queues go on.
   *
   * @param index a queue that is served
   */
  default void resetQueue(int index) {
    throw new UnsupportedOperationException(name() + " has not offered VIRTIO_F_RING_RESET");
  }

  /**
   * Serves one queue again, after {@link #resetQueue}; the driver may have made it anew, of another
   * size and elsewhere.
   *
   * @param index a queue that is not served
   * @param queues as for {@link #activate}, with this queue alone
   */
  default void enableQueue(int index, QueueSet queues) {
    throw new UnsupportedOperationException(name() + " has not offered VIRTIO_F_RING_RESET");
  }

  /** Tells its counters. */
  void report(StatsSink sink);
}
