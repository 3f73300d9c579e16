package io.jvmm.vmm.bus;

import io.jvmm.boot.MachineLayout;
import org.jspecify.annotations.Nullable;

/**
 * The slots of virtio-mmio devices. An address without a device reads as all ones and swallows
 * writes.
 *
 * <p>Threads: devices are set before the first vCPU runs; then any vCPU thread.
 */
public final class MmioBus {
  private static final int SLOT_SHIFT =
      Integer.numberOfTrailingZeros(MachineLayout.VIRTIO_MMIO_SLOT_SIZE);
  private static final int OFFSET_MASK = MachineLayout.VIRTIO_MMIO_SLOT_SIZE - 1;

  private final @Nullable MmioDevice[] slots =
      new @Nullable MmioDevice[MachineLayout.VIRTIO_DEVICES_MAX];

  /** Empty slots. */
  public MmioBus() {}

  /**
   * Puts a device into slot {@code index}, whose address is {@link
   * MachineLayout#virtioMmioAddress}.
   */
  public void set(int index, MmioDevice device) {
    slots[index] = device;
  }

  /** Hot: a guest reads {@code size} bytes at {@code gpa}. */
  public long read(long gpa, int size) {
    MmioDevice device = find(gpa, size);
    return device == null ? -1 : device.read((int) gpa & OFFSET_MASK, size);
  }

  /** Hot: a guest writes {@code size} bytes at {@code gpa}. */
  public void write(long gpa, int size, long value) {
    MmioDevice device = find(gpa, size);
    if (device != null) {
      device.write((int) gpa & OFFSET_MASK, size, value);
    }
  }

  private @Nullable MmioDevice find(long gpa, int size) {
    long slot = (gpa - MachineLayout.VIRTIO_MMIO_START) >> SLOT_SHIFT;
    boolean crossesSlots = ((int) gpa & OFFSET_MASK) + size > MachineLayout.VIRTIO_MMIO_SLOT_SIZE;
    return slot < 0 || slot >= slots.length || crossesSlots ? null : slots[(int) slot];
  }
}
