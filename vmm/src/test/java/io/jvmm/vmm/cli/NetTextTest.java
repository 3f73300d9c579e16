package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.net.MacAddress;
import io.jvmm.vmm.MachineConfigException;
import io.jvmm.vmm.NetConfig;
import io.jvmm.vmm.NetSource;
import io.jvmm.vmm.RateLimit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetTextTest {
  private static NetConfig parse(String text) {
    return NetText.parse(text, "--net");
  }

  @Test
  void aTapAloneHasOneQueueAndNoLimit() {
    NetConfig net = parse("tap=vm0");
    assertEquals(new NetSource.TapName("vm0"), net.source());
    assertEquals(1, net.queues());
    assertEquals(0, net.mtu());
    assertNull(net.mac());
    assertEquals(RateLimit.UNLIMITED, net.receive());
  }

  @Test
  void everyOptionIsRead() {
    NetConfig net =
        parse(
            "tap=vm0,mac=02:aB:00:00:00:01,mtu=9000,queues=4,id=lan,rx-bps=1M,rx-bps-burst=2M,"
                + "rx-pps=3,rx-pps-burst=4,tx-bps=5,tx-bps-burst=6,tx-pps=7,tx-pps-burst=8");
    assertEquals(MacAddress.parse("02:ab:00:00:00:01"), net.mac());
    assertEquals(9000, net.mtu());
    assertEquals(4, net.queues());
    assertEquals("lan", net.id());
    assertEquals(new RateLimit(3, 4, 1 << 20, 2 << 20), net.receive());
    assertEquals(new RateLimit(7, 8, 5, 6), net.transmit());
  }

  @Test
  void descriptorsAreOneAQueue() {
    NetConfig net = parse("tap=fd:3:5,mtu=1400");
    assertEquals(new NetSource.TapDescriptors(List.of(3, 5)), net.source());
    assertEquals(2, net.queues());
    assertEquals("tap=fd:3:5", net.source().text());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "vm0|'vm0' is not tap=NAME",
        "tap=|'tap=' is not tap=NAME",
        "tap=fd:|tap=fd: '' is not a whole number",
        "tap=fd:3:x|tap=fd: 'x' is not a whole number",
        "tap=fd:-1|tap=fd: -1 is not between 0 and 2147483647",
        "tap=a,mtu=x|mtu: 'x' is not a whole number",
        "tap=a,mtu=0|mtu: '0' is not positive",
        "tap=a,queues=0|queues: '0' is not positive",
        "tap=a,mac=02|mac: '02' is not an address",
        "tap=a,mac=02-00-00-00-00-01|is not an address",
        "tap=a,ro|unknown option 'ro'",
        "tap=a,|unknown option ''",
        "tap=a,mtu|mtu needs a value",
        "tap=a,mtu=|mtu needs a value",
        "tap=a,mtu=1500,mtu=1400|mtu is given twice",
        "tap=a,rx-bps-burst=1|rx-bps-burst: needs bps",
        "tap=a,tx-pps-burst=1,rx-pps=1|tx-pps-burst: needs pps",
        "tap=a,rx-bps=2T|rx-bps: 2199023255552 is not between 0 and",
        "tap=a,tx-pps=10000000000|tx-pps: 10000000000 is not between 0 and 1000000000",
      })
  void whatCannotBeReadIsSaid(String text, String error) {
    UsageException e = assertThrows(UsageException.class, () -> parse(text));
    assertTrue(e.toString().contains("--net: "), e::toString);
    assertTrue(e.toString().contains(error), e::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "tap=a,mtu=67|mtu: 67 is not between 68 and 65535",
        "tap=a,mtu=65536|mtu: 65536 is not between",
        "tap=a,queues=17|queues: 17 is not between 1 and 16",
        "tap=a,mac=01:00:00:00:00:01|is not the address of one station",
        "tap=a,mac=00:00:00:00:00:00|is not the address of one station",
        "tap=fd:3:4,queues=1|need as many descriptors",
        "tap=fd:3:4:3|3 is there twice",
      })
  void whatIsOutOfRangeIsSaid(String text, String error) {
    MachineConfigException e = assertThrows(MachineConfigException.class, () -> parse(text));
    assertTrue(e.toString().contains("net tap="), e::toString);
    assertTrue(e.toString().contains(error), e::toString);
  }
}
