package io.jvmm.boot.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jvmm.boot.Hex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Encodings are those of ACPI 6.4, 20.2, worked out by hand. */
class AmlTest {
  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "2, 0a 02",
    "255, 0a ff",
    "256, 0b 00 01",
    "65535, 0b ff ff",
    "65536, 0c 00 00 01 00",
    "4294967295, 0c ff ff ff ff",
    "4294967296, 0e 00 00 00 00 01 00 00 00",
    "-1, 0e ff ff ff ff ff ff ff ff"
  })
  void anIntegerHasItsShortestForm(long value, String bytes) {
    assertEquals(bytes, hex(new Aml().integer(value)));
  }

  @Test
  void anEisaIdIsADwordOfThreeLettersAndFourDigits() {
    assertEquals("0c 41 d0 05 01", hex(new Aml().eisaId("PNP0501")));
    assertEquals("0c 41 d0 0c 0c", hex(new Aml().eisaId("PNP0C0C")));
    assertEquals("0c 41 d0 0b 00", hex(new Aml().eisaId("PNP0B00")));
  }

  @Test
  void aNameHasFourCharactersFilledUpWithUnderlines() {
    assertEquals("08 52 54 43 5f 00", hex(new Aml().name("RTC", 0)));
    assertEquals("08 5c 5f 53 35 5f 0a 05", hex(new Aml().name("\\_S5", 5)));
    assertEquals("08 5f 48 49 44 0d 41 42 00", hex(new Aml().name("_HID", "AB")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\", "TOOLONG", "\\_SB.TOOLONG", "A.", "\\A.B.C"})
  void aNameThatIsNoneIsRefused(String name) {
    assertThrows(IllegalArgumentException.class, () -> new Aml().name(name));
  }

  @Test
  void aDeviceInAScopeIsAPackageInAPackage() {
    assertEquals(
        "10 13 5c 5f 53 42 5f 5b 82 0b 43 4f 4d 31 08 5f 55 49 44 00",
        hex(new Aml().scope("\\_SB").device("COM1").name("_UID", 0).end().end()));
  }

  @Test
  void aMethodSaysHowManyArgumentsItTakesAndIsSerialized() {
    assertEquals(
        "14 13 5f 45 56 54 09 86 5c 2e 5f 53 42 5f 50 57 52 42 0a 80",
        hex(new Aml().method("_EVT", 1).notify("\\_SB.PWRB", 0x80).end()));
  }

  @Test
  void aPackageSaysHowManyElementsItHas() {
    assertEquals(
        "12 07 04 0a 05 00 00 00",
        hex(new Aml().beginPackage(4).integer(5).integer(0).integer(0).integer(0).end()));
  }

  @Test
  void aLengthThatFitsIntoSixBitsTakesOneByteAndCountsItself() {
    assertEquals("10 3f", start(0x3E - 4));
    assertEquals("10 41 04", start(0x3F - 4)); // 0x41: one byte more, low bits 1
  }

  @Test
  void aLengthThatFitsIntoTwelveBitsTakesTwoBytes() {
    assertEquals("10 4f ff", start(0xFFD - 4));
    assertEquals("10 81 00", start(0xFFE - 4));
    assertEquals("10 81 00 01", startOf(0xFFE - 4, 4)); // 0x1001 = 1 | 0x00 << 4 | 0x01 << 12
  }

  @Test
  void resourcesAreDescriptorsAndAnEndTagInABuffer() {
    assertEquals(
        "11 16 0a 13 47 01 f8 03 f8 03 01 08 89 06 00 03 01 04 00 00 00 79 00",
        hex(new Aml().resources(new Resources().ports(0x3F8, 8).interrupt(4))));
    assertEquals(
        "11 11 0a 0e 86 09 00 01 00 10 00 d0 00 10 00 00 79 00",
        hex(new Aml().resources(new Resources().memory(0xD000_1000L, 0x1000))));
  }

  @Test
  void aTermThatIsStillOpenIsABug() {
    assertThrows(IllegalStateException.class, () -> new Aml().scope("\\_SB").bytes());
  }

  /** The first bytes of a scope with a name of four bytes and so many zeros. */
  private static String start(int zeros) {
    return startOf(zeros, zeros < 0x3F - 4 ? 2 : 3);
  }

  private static String startOf(int zeros, int length) {
    Aml aml = new Aml().scope("ABCD");
    for (int i = 0; i < zeros; i++) {
      aml.integer(0);
    }
    return Hex.of(aml.end().bytes(), 0, length);
  }

  private static String hex(Aml aml) {
    return Hex.of(aml.bytes());
  }
}
