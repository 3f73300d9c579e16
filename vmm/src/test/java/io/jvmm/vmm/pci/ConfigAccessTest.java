package io.jvmm.vmm.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.virtio.pci.PciConfigSpace;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConfigAccessTest {
  private static final int DEVICE_SIZE = 0x8000;

  private final byte[] page = new byte[PciConfigSpace.PAGE_SIZE];
  private final ConfigAccess access = new ConfigAccess();

  ConfigAccessTest() {
    access.set(3, new HostBridge(MemorySegment.ofArray(page)));
  }

  @Test
  void aFunctionIsReadInAnySizeAtAnyOffset() {
    assertEquals(0x0008_1b36, access.read(3 * DEVICE_SIZE, 4));
    assertEquals(0x0008, access.read(3 * DEVICE_SIZE + 2, 2));
    assertEquals(0x1b, access.read(3 * DEVICE_SIZE + 1, 1));
    assertEquals(0x0008_1b36L, access.read(3 * DEVICE_SIZE, 8));
    assertEquals(0x06, access.read(3 * DEVICE_SIZE + 0x0b, 1)); // a bridge
    assertEquals(0, access.read(3 * DEVICE_SIZE + 0x100, 4)); // no extended capability
  }

  @Test
  void whereNoFunctionIsAllBitsAreOnes() {
    assertEquals(-1, access.read(0, 4));
    assertEquals(-1, access.read(2 * DEVICE_SIZE, 2));
    assertEquals(-1, access.read(3 * DEVICE_SIZE + 0x1000, 4)); // function 1
    assertEquals(-1, access.read(32 * DEVICE_SIZE - 4, 4));
    access.write(0, 4, 0);
    access.write(3 * DEVICE_SIZE + 0x1000, 4, 0);
  }

  @Test
  void anAccessOverTheEndOfAFunctionReachesNone() {
    assertEquals(-1, access.read(3 * DEVICE_SIZE + 0xffe, 4));
    access.write(3 * DEVICE_SIZE + 0xffe, 4, 0);
  }

  @Test
  void noiseChangesNothingOfTheBridgeButItsCommandAndItsNote() {
    byte[] before = page.clone();
    Random random = new Random(3);
    for (int i = 0; i < 100_000; i++) {
      int offset = random.nextInt(32 * DEVICE_SIZE);
      if (random.nextBoolean()) {
        offset = 3 * DEVICE_SIZE + random.nextInt(0x40);
      }
      access.write(offset, 1 << random.nextInt(4), random.nextLong());
      access.read(offset, 1 << random.nextInt(4));
    }
    page[0x04] = 0;
    page[0x3c] = 0;
    assertEquals(
        java.util.HexFormat.of().formatHex(before), java.util.HexFormat.of().formatHex(page));
  }
}
