package io.jvmm.virtio.driver;

import io.jvmm.virtio.pci.PciTransport;
import io.jvmm.virtio.queue.QueueConfig;

/**
 * Drives a device over PCI: finds the parts of the BAR by walking the capabilities, turns MSI-X on,
 * and gives the configuration vector 0 and queue n vector n + 1. The offsets are the specs',
 * written out.
 */
public final class PciDriver extends TransportDriver {
  private final PciTransport transport;
  private int common;
  private int notify;
  private int notifyMultiplier;
  private int isr;
  private int device;
  private int window;
  private int msix;
  private int table;
  private int pending;

  /** Enables memory space and finds what is where. */
  public PciDriver(PciTransport transport) {
    this.transport = transport;
    transport.writeConfig(0x04, 2, 6);
    for (int at = config(0x34, 1); at != 0; at = config(at + 1, 1)) {
      switch (config(at, 1)) {
        case 0x11 -> {
          msix = at;
          table = config(at + 4, 4) & ~7;
          pending = config(at + 8, 4) & ~7;
        }
        case 0x09 -> vendorCapability(at);
        default -> throw new AssertionError("capability " + config(at, 1));
      }
    }
  }

  private void vendorCapability(int at) {
    int offset = config(at + 8, 4);
    switch (config(at + 3, 1)) {
      case 1 -> common = offset;
      case 2 -> {
        notify = offset;
        notifyMultiplier = config(at + 16, 4);
      }
      case 3 -> isr = offset;
      case 4 -> device = offset;
      case 5 -> window = at;
      default -> throw new AssertionError("capability type " + config(at + 3, 1));
    }
  }

  /** Reads the configuration space. */
  public int config(int offset, int size) {
    return (int) transport.readConfig(offset, size);
  }

  /** Where the capability of the window is. */
  public int window() {
    return window;
  }

  /** Where the MSI-X capability is. */
  public int msix() {
    return msix;
  }

  /** Reads a field of the common configuration. */
  public int get(int field, int size) {
    return (int) transport.readBar(common + field, size);
  }

  /** Writes a field of the common configuration. */
  public void set(int field, int size, int value) {
    transport.writeBar(common + field, size, value);
  }

  /** Reads the ISR status, which clears it. */
  public int isr() {
    return (int) transport.readBar(isr, 1);
  }

  /** Where the device's own configuration is in the BAR. */
  public int deviceConfig() {
    return device;
  }

  /** Rings queue {@code index} without the machine's help. */
  public void ring(int index) {
    set(0x16, 2, index);
    transport.writeBar(notify + get(0x1e, 2) * notifyMultiplier, 2, index);
  }

  /** Turns MSI-X on or off, and masks all vectors or none. */
  public void msix(boolean enable, boolean maskAll) {
    transport.writeConfig(msix + 2, 2, (enable ? 1 << 15 : 0) | (maskAll ? 1 << 14 : 0));
  }

  /** Gives a vector its message, and unmasks it. */
  public void message(int vector, long address, int data) {
    transport.writeBar(table + 16 * vector, 4, address);
    transport.writeBar(table + 16 * vector + 4, 4, address >>> 32);
    transport.writeBar(table + 16 * vector + 8, 4, data);
    mask(vector, false);
  }

  /** Masks a vector, or unmasks it. */
  public void mask(int vector, boolean masked) {
    transport.writeBar(table + 16 * vector + 12, 4, masked ? 1 : 0);
  }

  /** Whether a vector is pending. */
  public boolean isPending(int vector) {
    return (transport.readBar(pending + vector / 64 * 8, 8) >>> (vector % 64) & 1) != 0;
  }

  @Override
  public int status() {
    return get(0x14, 1);
  }

  @Override
  void setStatus(int value) {
    set(0x14, 1, value);
  }

  @Override
  public long offered() {
    set(0x00, 4, 0);
    long low = get(0x04, 4) & 0xffff_ffffL;
    set(0x00, 4, 1);
    return low | (long) get(0x04, 4) << 32;
  }

  @Override
  public void accept(long features) {
    set(0x08, 4, 0);
    set(0x0c, 4, (int) features);
    set(0x08, 4, 1);
    set(0x0c, 4, (int) (features >>> 32));
  }

  @Override
  public void program(int index, QueueConfig queue) {
    msix(true, false);
    message(0, 0xfee0_0000L, 0x4000);
    message(index + 1, 0xfee0_0000L, 0x4001 + index);
    set(0x10, 2, 0);
    set(0x16, 2, index);
    set(0x18, 2, queue.size());
    set(0x1a, 2, index + 1);
    set(0x20, 4, (int) queue.descGpa());
    set(0x24, 4, (int) (queue.descGpa() >>> 32));
    set(0x28, 4, (int) queue.availGpa());
    set(0x2c, 4, (int) (queue.availGpa() >>> 32));
    set(0x30, 4, (int) queue.usedGpa());
    set(0x34, 4, (int) (queue.usedGpa() >>> 32));
    set(0x1c, 2, 1);
  }

  @Override
  public boolean isReady(int index) {
    set(0x16, 2, index);
    return get(0x1c, 2) != 0;
  }

  @Override
  public void resetQueue(int index) {
    set(0x16, 2, index);
    set(0x3a, 2, 1);
    while (get(0x3a, 2) != 0) {
      Thread.onSpinWait();
    }
  }
}
