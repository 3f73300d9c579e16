package io.jvmm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.jvmm.devices.net.MacAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class DefaultMacTest {
  private static MacAddress mac(String name, NetSource source, int index) {
    MachineConfig machine = MachineConfig.forKernel("vmlinux").name(name).build();
    return DefaultMac.of(machine, NetConfig.of(source), index);
  }

  @Test
  void itIsTheSameAtEachStartAndAnotherForOtherMachinesTapsAndPlaces() {
    NetSource tap = new NetSource.TapName("tap0");
    MacAddress mac = mac("vm", tap, 0);
    assertEquals(mac, mac("vm", tap, 0));
    assertNotEquals(mac, mac("vm2", tap, 0));
    assertNotEquals(mac, mac("vm", new NetSource.TapName("tap1"), 0));
    assertNotEquals(mac, mac("vm", tap, 1));
  }

  @Test
  void itIsLocalAndOfOneStation() {
    for (int i = 0; i < 100; i++) {
      MacAddress mac = mac("vm" + i, new NetSource.TapName("tap0"), 0);
      assertFalse(mac.isGroup());
      assertEquals(2, mac.bits() & 3);
    }
  }

  @Test
  void descriptorsHaveNoNameToTellThemApartSoItIsRandom() {
    NetSource source = new NetSource.TapDescriptors(List.of(3));
    assertNotEquals(mac("vm", source, 0), mac("vm", source, 0));
  }
}
