package io.jvmm.vmm.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jvmm.boot.MachineLayout;
import org.junit.jupiter.api.Test;

class MmioBusTest {
  private static final class Recorder implements MmioDevice {
    private int offset = -1;
    private long value;

    @Override
    public long read(int at, int size) {
      return at;
    }

    @Override
    public void write(int at, int size, long written) {
      offset = at;
      value = written;
    }
  }

  private final MmioBus bus = new MmioBus();
  private final Recorder first = new Recorder();
  private final Recorder third = new Recorder();
  private final Recorder large = new Recorder();

  MmioBusTest() {
    MmioBus.Window window =
        bus.add(
            MachineLayout.VIRTIO_MMIO_START,
            MachineLayout.VIRTIO_MMIO_SLOT_SIZE,
            MachineLayout.VIRTIO_DEVICES_MAX);
    window.set(0, first);
    window.set(2, third);
    bus.add(MachineLayout.PCI_BARS, MachineLayout.PCI_BAR_SIZE, 2).set(1, large);
  }

  @Test
  void eachSlotHasItsDevice() {
    bus.write(MachineLayout.virtioMmioAddress(2) + 0x70, 4, 15);

    assertEquals(0x70, third.offset);
    assertEquals(15, third.value);
    assertEquals(-1, first.offset);
    assertEquals(0xFFC, bus.read(MachineLayout.virtioMmioAddress(0) + 0xFFC, 4));
  }

  @Test
  void windowsHaveSlotsOfTheirOwnSize() {
    bus.write(MachineLayout.PCI_BARS + 2 * MachineLayout.PCI_BAR_SIZE - 8, 8, -1);

    assertEquals(MachineLayout.PCI_BAR_SIZE - 8, large.offset);
    assertEquals(-1, large.value);
    assertEquals(-1, bus.read(MachineLayout.PCI_BARS + 2 * MachineLayout.PCI_BAR_SIZE, 4));
    assertEquals(-1, bus.read(MachineLayout.PCI_BARS, 4));
  }

  @Test
  void aWindowBeginsAtAMultipleOfItsSlotSize() {
    assertThrows(IllegalArgumentException.class, () -> bus.add(0x1800, 0x1000, 1));
    assertThrows(IllegalArgumentException.class, () -> bus.add(0x3000, 0x3000, 1));
  }

  @Test
  void anEmptySlotReadsAsOnes() {
    assertEquals(-1, bus.read(MachineLayout.virtioMmioAddress(1), 4));
    bus.write(MachineLayout.virtioMmioAddress(1), 4, 1);
  }

  @Test
  void addressesOutsideTheSlotsReadAsOnes() {
    assertEquals(-1, bus.read(MachineLayout.VIRTIO_MMIO_START - 1, 1));
    assertEquals(-1, bus.read(0, 1));
    assertEquals(-1, bus.read(-1, 1));
    assertEquals(-1, bus.read(Long.MIN_VALUE, 8));
    assertEquals(-1, bus.read(MachineLayout.IOAPIC, 4));
  }

  @Test
  void anAccessAcrossTheEndOfASlotReachesNeither() {
    assertEquals(-1, bus.read(MachineLayout.virtioMmioAddress(0) + 0xFFE, 4));
    bus.write(MachineLayout.virtioMmioAddress(0) + 0xFFE, 4, 7);
    assertEquals(-1, first.offset);
  }
}
