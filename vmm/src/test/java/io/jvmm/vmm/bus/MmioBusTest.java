package io.jvmm.vmm.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

  MmioBusTest() {
    bus.set(0, first);
    bus.set(2, third);
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
