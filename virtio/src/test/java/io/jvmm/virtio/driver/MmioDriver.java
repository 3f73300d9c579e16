package io.jvmm.virtio.driver;

import io.jvmm.virtio.mmio.MmioTransport;
import io.jvmm.virtio.queue.QueueConfig;

/** Drives a device over MMIO. The offsets are the spec's, written out. */
public final class MmioDriver extends TransportDriver {
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

  @Override
  public int status() {
    return get(0x070);
  }

  @Override
  void setStatus(int value) {
    set(0x070, value);
  }

  @Override
  public long offered() {
    set(0x014, 0);
    long low = get(0x010) & 0xffff_ffffL;
    set(0x014, 1);
    return low | (long) get(0x010) << 32;
  }

  @Override
  public void accept(long features) {
    set(0x024, 0);
    set(0x020, (int) features);
    set(0x024, 1);
    set(0x020, (int) (features >>> 32));
  }

  @Override
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

  @Override
  public boolean isReady(int index) {
    set(0x030, index);
    return get(0x044) != 0;
  }

  @Override
  public void resetQueue(int index) {
    set(0x030, index);
    set(0x0c0, 1);
    while (get(0x0c0) != 0) {
      Thread.onSpinWait();
    }
  }
}
