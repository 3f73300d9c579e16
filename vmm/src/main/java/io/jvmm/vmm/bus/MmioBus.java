package io.jvmm.vmm.bus;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is in the guest's address space besides RAM: windows, each parted into slots of one size,
 * each with a device or none. An address without a device reads as all ones and swallows writes.
 *
 * <p>Threads: windows and devices are set before the first vCPU runs; then any vCPU thread.
 */
public final class MmioBus {
  /** A run of slots of one size. */
  public static final class Window {
    private final long gpa;
    private final int slotShift;
    private final @Nullable MmioDevice[] slots;

    private Window(long gpa, int slotSize, int slotCount) {
      this.gpa = gpa;
      this.slotShift = Integer.numberOfTrailingZeros(slotSize);
      this.slots = new @Nullable MmioDevice[slotCount];
    }

    /** Puts a device into slot {@code index}. */
    public void set(int index, MmioDevice device) {
      slots[index] = device;
    }

    private boolean holds(long address) {
      long slot = (address - gpa) >> slotShift;
      return slot >= 0 && slot < slots.length;
    }
  }

  private Window[] windows = new Window[0];

  /** An empty space. */
  public MmioBus() {}

  /**
   * Adds a window, which must not overlap another one.
   *
   * @param slotSize a power of two; {@code gpa} is a multiple of it
   */
  public Window add(long gpa, int slotSize, int slotCount) {
    if (Integer.bitCount(slotSize) != 1 || gpa % slotSize != 0) {
      throw new IllegalArgumentException(
          "slots of " + slotSize + " bytes at 0x" + Long.toHexString(gpa));
    }
    Window window = new Window(gpa, slotSize, slotCount);
    windows = Arrays.copyOf(windows, windows.length + 1);
    windows[windows.length - 1] = window;
    return window;
  }

  /** Hot: a guest reads {@code size} bytes at {@code gpa}. */
  public long read(long gpa, int size) {
    for (Window window : windows) {
      if (window.holds(gpa)) {
        MmioDevice device = device(window, gpa, size);
        return device == null ? -1 : device.read(offset(window, gpa), size);
      }
    }
    return -1;
  }

  /** Hot: a guest writes {@code size} bytes at {@code gpa}. */
  public void write(long gpa, int size, long value) {
    for (Window window : windows) {
      if (window.holds(gpa)) {
        MmioDevice device = device(window, gpa, size);
        if (device != null) {
          device.write(offset(window, gpa), size, value);
        }
        return;
      }
    }
  }

  /** None either where the access goes over the end of its slot. */
  private static @Nullable MmioDevice device(Window window, long gpa, int size) {
    boolean crossesSlots = offset(window, gpa) + size > 1 << window.slotShift;
    return crossesSlots ? null : window.slots[(int) ((gpa - window.gpa) >> window.slotShift)];
  }

  private static int offset(Window window, long gpa) {
    return (int) gpa & ((1 << window.slotShift) - 1);
  }
}
