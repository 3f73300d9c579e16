package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.net.HostForward;
import io.jvmm.devices.net.HostForward.Protocol;
import io.jvmm.vmm.MachineConfigException;
import io.jvmm.vmm.NetConfig;
import io.jvmm.vmm.NetSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserNetTextTest {
  private static NetConfig parse(String text) {
    return NetText.parse(text, "--net");
  }

  private static String error(String text) {
    return assertThrows(UsageException.class, () -> parse(text)).toString();
  }

  @Test
  void theHostsNetworkNeedsNothingButItsName() {
    assertEquals(new NetSource.User(List.of()), parse("user").source());
    assertEquals("user", parse("user").source().text());
  }

  @Test
  void forwardsAreAsManyAsOneLikes() {
    NetConfig net =
        parse(
            "user,hostfwd=tcp:8080:80,mtu=1500,hostfwd=udp:127.0.0.1:53:5353,"
                + "hostfwd=tcp:[::1]:65535:1");
    assertEquals(
        new NetSource.User(
            List.of(
                new HostForward(Protocol.TCP, "", 8080, 80),
                new HostForward(Protocol.UDP, "127.0.0.1", 53, 5353),
                new HostForward(Protocol.TCP, "::1", 65_535, 1))),
        net.source());
    assertEquals(1500, net.mtu());
  }

  @Test
  void aUnixSocketIsAPath() {
    NetConfig net = parse("unix=/run/net.sock,id=lan");
    assertEquals(new NetSource.UnixSocket("/run/net.sock"), net.source());
    assertEquals("unix=/run/net.sock", net.source().text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp",
        "tcp:",
        "tcp:80",
        "tcp:8080:",
        "tcp::80",
        "tcp:0:80",
        "tcp:80:65536",
        "tcp:80:99999999999",
        "tcp:+80:80",
        "tcp:-1:80",
        "sctp:80:80",
        "TCP:80:80",
        "tcp:localhost:80:80",
        "tcp:::1:80:80",
        "tcp:[127.0.0.1]:80:80",
        "tcp:[]:80:80",
        "tcp:256.0.0.1:80:80",
        ":8080:80",
      })
  void aForwardThatIsNoneIsSaidWithItsText(String forward) {
    String said = error("user,hostfwd=" + forward);
    assertTrue(said.contains("--net: hostfwd: '" + forward + "'"), said);
  }

  @Test
  void whatIsNotTogetherIsSaid() {
    assertTrue(error("tap=a,hostfwd=tcp:8080:80").endsWith("hostfwd: only with user"));
    assertTrue(error("user,hostfwd").endsWith("hostfwd needs a value: hostfwd=..."));
    assertTrue(error("unix=").contains("'unix=' is not tap=NAME"));
    assertTrue(error("user=x").contains("'user=x' is not tap=NAME"));
    for (String source : List.of("user", "unix=/a")) {
      MachineConfigException e =
          assertThrows(MachineConfigException.class, () -> parse(source + ",queues=2"));
      assertTrue(e.toString().endsWith("queues: only a tap has more than one"), e::toString);
    }
  }
}
