package io.jvmm.virtio.driver;

import io.jvmm.virtio.queue.QueueConfig;

/** Initialises a device as a driver does (virtio 1.2, 3.1.1), whatever transport it is behind. */
public abstract class TransportDriver {
  /** Bits of the device status. */
  public static final int ACKNOWLEDGE = 1;

  public static final int DRIVER = 2;
  public static final int DRIVER_OK = 4;
  public static final int FEATURES_OK = 8;

  TransportDriver() {}

  /** The device status. */
  public abstract int status();

  abstract void setStatus(int value);

  /** What the device offers. */
  public abstract long offered();

  /** Accepts features without a look at what is offered. */
  public abstract void accept(long features);

  /** Programs a queue and makes it ready. */
  public abstract void program(int index, QueueConfig queue);

  /** Whether a queue is ready. */
  public abstract boolean isReady(int index);

  /** Resets one queue, and waits until that is done. */
  public abstract void resetQueue(int index);

  /** Resets. */
  public void reset() {
    setStatus(0);
  }

  /** Adds a bit to the status, as drivers do. */
  public void addStatus(int bit) {
    setStatus(status() | bit);
  }

  /**
   * From a reset to FEATURES_OK.
   *
   * @return whether the device agreed
   */
  public boolean negotiate(long features) {
    reset();
    addStatus(ACKNOWLEDGE);
    addStatus(DRIVER);
    accept(features);
    addStatus(FEATURES_OK);
    return (status() & FEATURES_OK) != 0;
  }

  /** The whole way, with one queue. */
  public void start(long features, DriverQueue queue) {
    if (!negotiate(features)) {
      throw new IllegalStateException("the device refused the features");
    }
    program(0, queue.config());
    addStatus(DRIVER_OK);
  }
}
