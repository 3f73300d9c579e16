package io.jvmm.vmm.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jvmm.devices.PortDevice;
import org.junit.jupiter.api.Test;

class PortBusTest {
  private static final class Latch implements PortDevice {
    private int offset = -1;
    private int size;
    private int value;

    @Override
    public int read(int at, int width) {
      return 0x100 + at;
    }

    @Override
    public void write(int at, int width, int written) {
      offset = at;
      size = width;
      value = written;
    }
  }

  @Test
  void aDeviceSeesOffsetsFromItsFirstPort() {
    PortBus bus = new PortBus();
    Latch latch = new Latch();
    bus.add(0x3F8, 8, latch);

    bus.write(0x3FF, 2, 0xABCD);

    assertEquals(7, latch.offset);
    assertEquals(2, latch.size);
    assertEquals(0xABCD, latch.value);
    assertEquals(0x100, bus.read(0x3F8, 1));
  }

  @Test
  void portsWithoutADeviceReadAsOnesAndSwallowWrites() {
    PortBus bus = new PortBus();
    bus.add(0x3F8, 8, new Latch());

    assertEquals(-1, bus.read(0x3F7, 1));
    assertEquals(-1, bus.read(0x400, 4));
    bus.write(0x400, 1, 1);
  }

  @Test
  void twoDevicesCannotHaveOnePort() {
    PortBus bus = new PortBus();
    bus.add(0x60, 5, new Latch());

    assertThrows(IllegalArgumentException.class, () -> bus.add(0x64, 1, new Latch()));
    bus.add(0x65, 1, new Latch());
  }

  @Test
  void moreDevicesThanTheFirstTableHoldsAreAllFound() {
    PortBus bus = new PortBus();
    for (int i = 0; i < 20; i++) {
      bus.add(i * 16, 1, new Latch());
    }
    for (int i = 0; i < 20; i++) {
      assertEquals(0x100, bus.read(i * 16, 1));
      assertEquals(-1, bus.read(i * 16 + 1, 1));
    }
  }
}
