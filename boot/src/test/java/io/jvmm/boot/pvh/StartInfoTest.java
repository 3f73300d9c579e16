package io.jvmm.boot.pvh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.boot.Hex;
import io.jvmm.boot.MachineLayout;
import io.jvmm.boot.tables.E820Map;
import org.junit.jupiter.api.Test;

/** The layout is that of Xen's public/arch-x86/hvm/start_info.h, written out. */
class StartInfoTest {
  private static final E820Map MAP = new E820Map(64 << 20, 0);

  @Test
  void withAnInitrdTheBytesAreThoseWorkedOutByHand() {
    byte[] bytes = StartInfo.bytes(MAP, 0x3FF_0000, 0x1234);

    assertEquals(
        "78 c5 6e 33 01 00 00 00 00 00 00 00 01 00 00 00 " // magic, version 1, flags, one module
            + "38 20 00 00 00 00 00 00 " // modules at 0x2038
            + "00 00 02 00 00 00 00 00 " // command line
            + "00 00 0e 00 00 00 00 00 " // RSDP
            + "58 20 00 00 00 00 00 00 05 00 00 00 00 00 00 00 " // memory map at 0x2058, 5 entries
            + "00 00 ff 03 00 00 00 00 34 12 00 00 00 00 00 00 " // the module: address, size
            + "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
            + "00 00 00 00 00 00 00 00 00 fc 09 00 00 00 00 00 01 00 00 00 00 00 00 00",
        Hex.of(bytes, 0, 112));
  }

  @Test
  void withoutAnInitrdThereIsNoModule() {
    byte[] bytes = StartInfo.bytes(MAP, 0, 0);

    assertEquals("00 00 00 00 00 00 00 00 00 00 00 00", Hex.of(bytes, 12, 12));
  }

  @Test
  void theLongestFitsIntoWhatIsKeptForIt() {
    assertTrue(StartInfo.SIZE_MAX <= MachineLayout.START_INFO_SIZE);
  }
}
