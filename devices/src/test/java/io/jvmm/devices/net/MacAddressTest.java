package io.jvmm.devices.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {
  @Test
  void theFirstByteIsTheLowest() {
    MacAddress mac = MacAddress.parse("02:1a:2B:3c:4d:5e");
    assertNotNull(mac);
    assertEquals(0x5e4d_3c2b_1a02L, mac.bits());
    assertEquals("02:1a:2b:3c:4d:5e", mac.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "02", "02:00:00:00:00:0g", "02-00-00-00-00-01", "02:00:00:00:00:001", "é"})
  void whatIsNoneIsNone(String text) {
    assertNull(MacAddress.parse(text));
  }

  @Test
  void oneOfOurOwnIsLocalAndOfOneStation() {
    for (long entropy : new long[] {0, -1, 1, 0x0123_4567_89ab_cdefL}) {
      MacAddress mac = MacAddress.local(entropy);
      assertFalse(mac.isGroup());
      assertEquals(2, mac.bits() & 3);
    }
    assertTrue(new MacAddress(-1).isGroup());
  }
}
