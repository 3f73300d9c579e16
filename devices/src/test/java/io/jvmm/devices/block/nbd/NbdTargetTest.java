package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.block.DiskException;
import org.junit.jupiter.api.Test;

class NbdTargetTest {
  private static void assertRefused(String reason, String uri) {
    DiskException e = assertThrows(DiskException.class, () -> NbdTarget.parse(uri), uri);
    assertTrue(e.toString().contains(reason), e::toString);
  }

  @Test
  void aHostWithoutAPortHasTheProtocolsPort() {
    assertEquals(
        new NbdTarget("nbd://server/data", "server", 10809, null, "data", false, null, 0, 120),
        NbdTarget.parse("nbd://server/data"));
  }

  @Test
  void hostPortAndExportAreTakenApart() {
    String uri = "nbds://10.0.0.7:1234/a/b%20c%2Cd";
    assertEquals(
        new NbdTarget(uri, "10.0.0.7", 1234, null, "a/b c,d", true, null, 0, 120),
        NbdTarget.parse(uri));
  }

  @Test
  void anIpv6AddressStandsInBrackets() {
    assertEquals("::1", NbdTarget.parse("nbd://[::1]/x").host());
    NbdTarget target = NbdTarget.parse("nbd://[2001:db8::1]:99/x");
    assertEquals("2001:db8::1", target.host());
    assertEquals(99, target.port());
  }

  @Test
  void withoutAnExportTheServersDefaultIsMeant() {
    assertEquals("", NbdTarget.parse("nbd://server").export());
    assertEquals("", NbdTarget.parse("nbd://server/").export());
    assertEquals("", NbdTarget.parse("nbd+unix://?socket=/s").export());
  }

  @Test
  void aUnixSocketIsAParameter() {
    String uri = "nbd+unix:///data?socket=/run/my%20socket";
    assertEquals(
        new NbdTarget(uri, null, 0, "/run/my socket", "data", false, null, 0, 120),
        NbdTarget.parse(uri));
    assertTrue(NbdTarget.parse("nbds+unix:///data?socket=/s").tls());
  }

  @Test
  void parametersSayHowToConnect() {
    String uri = "nbds+unix:///data?reconnect=30&timeout=7&tls-ca=/a%26b.pem&socket=/s";
    assertEquals(
        new NbdTarget(uri, null, 0, "/s", "data", true, "/a&b.pem", 30, 7), NbdTarget.parse(uri));
    assertEquals(86400, NbdTarget.parse("nbd://server?reconnect=86400").reconnectSeconds());
    assertEquals(0, NbdTarget.parse("nbd://server?timeout=0").timeoutSeconds());
  }

  @Test
  void whatIsNoUriIsToldApart() {
    assertTrue(NbdTarget.isUri("nbd://x"));
    assertTrue(NbdTarget.isUri("nbds+unix:///x"));
    assertFalse(NbdTarget.isUri("/dev/nbd0"));
    assertFalse(NbdTarget.isUri("nbd.img"));
    assertFalse(NbdTarget.isUri("nbd:img"));
  }

  @Test
  void whatCannotBeMeantIsRefused() {
    assertRefused("is no NBD URI", "nbd:server");
    assertRefused("names no host", "nbd:///data");
    assertRefused("names no host", "nbd://:99/data");
    assertRefused("has a port", "nbd://server:0/data");
    assertRefused("has a port", "nbd://server:65536/data");
    assertRefused("has a port", "nbd://server:99999999999999999999/data");
    assertRefused("has a port", "nbd://server:1x/data");
    assertRefused("IPv6", "nbd://[::1/data");
    assertRefused("IPv6", "nbd://[::1]x/data");
    assertRefused("names a socket", "nbd://server/data?socket=/s");
    assertRefused("has a parameter 'x'", "nbd://server/data?x=1");
    assertRefused("reconnect", "nbd://server/data?reconnect=0");
    assertRefused("reconnect", "nbd://server/data?reconnect=86401");
    assertRefused("reconnect", "nbd://server/data?reconnect");
    assertRefused("timeout", "nbd://server/data?timeout=86401");
    assertRefused("timeout", "nbd://server/data?timeout=1s");
    assertRefused("no TLS", "nbd://server/data?tls-ca=/ca.pem");
    assertRefused("names a host", "nbd+unix://server/data?socket=/s");
    assertRefused("names no socket", "nbd+unix:///data");
    assertRefused("names no socket", "nbd+unix:///data?socket=");
    assertRefused("%", "nbd://server/a%2");
    assertRefused("%", "nbd://server/a%zz");
    assertRefused("more than 4096", "nbd://server/" + "x".repeat(4097));
  }
}
