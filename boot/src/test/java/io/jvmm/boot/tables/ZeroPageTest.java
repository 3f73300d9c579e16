package io.jvmm.boot.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.boot.Hex;
import org.junit.jupiter.api.Test;

/** Offsets are those of Documentation/x86/zero-page.rst and boot.rst, written out. */
class ZeroPageTest {
  @Test
  void anElfKernelGetsAHeaderThatItsFileDoesNotHave() {
    ZeroPage page = new ZeroPage();
    page.elfHeader(0x020F, 0x20_0000, 2047);
    byte[] bytes = page.bytes();

    assertEquals("55 aa", Hex.of(bytes, 0x1FE, 2));
    assertEquals("48 64 72 53", Hex.of(bytes, 0x202, 4)); // HdrS
    assertEquals("0f 02", Hex.of(bytes, 0x206, 2));
    assertEquals("ff 01", Hex.of(bytes, 0x210, 2)); // a loader without a number, loaded high
    assertEquals("00 00 20 00", Hex.of(bytes, 0x230, 4));
    assertEquals("ff 07 00 00", Hex.of(bytes, 0x238, 4));
    assertEquals("00", Hex.of(bytes, 0x1EF, 1)); // the sentinel: not 0 means "forgot to clear"
  }

  @Test
  void itSaysWhereCommandLineInitrdAndTablesLie() {
    ZeroPage page = new ZeroPage();
    page.commandLine(0x2_0000);
    page.initrd(0xCFFF_E000L, 0x1234);
    page.rsdp(0xE_0000);
    byte[] bytes = page.bytes();

    assertEquals("00 00 02 00", Hex.of(bytes, 0x228, 4));
    assertEquals("00 e0 ff cf 34 12 00 00", Hex.of(bytes, 0x218, 8));
    assertEquals("00 00 0e 00 00 00 00 00", Hex.of(bytes, 0x070, 8));
  }

  @Test
  void theMemoryMapIsAnArrayOfTwentyByteEntries() {
    ZeroPage page = new ZeroPage();
    page.memoryMap(new E820Map(64 << 20, 0));
    byte[] bytes = page.bytes();

    assertEquals(5, bytes[0x1E8]);
    assertEquals(
        "00 00 00 00 00 00 00 00 00 fc 09 00 00 00 00 00 01 00 00 00", Hex.of(bytes, 0x2D0, 20));
    assertEquals(
        "00 fc 09 00 00 00 00 00 00 04 00 00 00 00 00 00 02 00 00 00", Hex.of(bytes, 0x2E4, 20));
  }
}
