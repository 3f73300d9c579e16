package io.jvmm.virtio.driver;

import io.jvmm.virtio.mmio.MmioTransport;
import io.jvmm.virtio.queue.QueueConfig;

/**
 * Initialises a device over MMIO as a driver does (virtio 1.2, 3.1.1). The offsets are the spec's,
 * written out.
 */
public final class MmioDriver {
  /** Bits of Status. */
  public static final int ACKNOWLEDGE = 1;

  public static final int DRIVER = 2;
  public static final int DRIVER_OK = 4;
  public static final int FEATURES_OK = 8;

  private final MmioTransport transport;

  /** Drives the device behind {@code transport}. */
  public MmioDriver(MmioTransport transport) {
    this.transport = transport;
  }

  /** Reads a register. */
  public int get(int offset) {
    return (int) transport.read(offset, 4);
  }

  /** Writes a register. */
  public void set(int offset, int value) {
    transport.write(offset, 4, value);
  }

  /** Status. */
  public int status() {
    return get(0x070);
  }

  /** Resets. */
  public void reset() {
    set(0x070, 0);
  }

  /** Adds a bit to Status, as drivers do. */
  public void addStatus(int bit) {
    set(0x070, status() | bit);
  }

  /** What the device offers. */
  public long offered() {
    set(0x014, 0);
    long low = get(0x010) & 0xffff_ffffL;
    set(0x014, 1);
    return low | (long) get(0x010) << 32;
  }

  /** Accepts features without a look at what is offered. */
  public void accept(long features) {
    set(0x024, 0);
    set(0x020, (int) features);
    set(0x024, 1);
    set(0x020, (int) (features >>> 32));
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

  /** Programs a queue and makes it ready. */
  public void program(int index, QueueConfig queue) {
    set(0x030, index);
    set(0x038, queue.size());
    set(0x080, (int) queue.descGpa());
    set(0x084, (int) (queue.descGpa() >>> 32));
    set(0x090, (int) queue.availGpa());
    set(0x094, (int) (queue.availGpa() >>> 32));
    set(0x0a0, (int) queue.usedGpa());
    set(0x0a4, (int) (queue.usedGpa() >>> 32));
    set(0x044, 1);
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
