package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.vmm.MachineConfigException;
import io.jvmm.vmm.VsockConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class VsockTextTest {
  private static VsockConfig parse(String text) {
    return VsockText.parse(text, "--vsock");
  }

  private static void refused(String text, String why) {
    String told = assertThrows(UsageException.class, () -> parse(text)).toString();
    assertTrue(told.contains(why), told);
  }

  @Test
  void anIdAndAPath() {
    assertEquals(VsockConfig.unix(3, "/run/v.sock"), parse("cid=3,uds=/run/v.sock"));
    assertEquals(VsockConfig.unix(42, "v,1"), parse("uds=v,1,cid=42"));
    assertEquals(VsockConfig.unix(0xffff_fffeL, "v"), parse("cid=4294967294,uds=v"));
  }

  @Test
  void portsThatAreBoundToDescriptors() {
    assertEquals(
        new VsockConfig(
            3, null, List.of(new VsockConfig.Port(52, 5), new VsockConfig.Port(0xffff_fffeL, 6))),
        parse("cid=3,port=52:fd=5,port=4294967294:fd=6"));
  }

  @Test
  void whatCannotBeReadIsNamed() {
    refused("uds=v", "no cid=N");
    refused("cid=3", "no uds=PATH");
    refused("cid=x,uds=v", "'x' is not a number");
    refused("cid=-3,uds=v", "'-3' is not a number");
    refused("cid=3,cid=4,uds=v", "'cid=4'");
    refused("cid=3,uds=", "'uds='");
    refused("cid=3,port=5", "port=5 is not port=N:fd=M");
    refused("cid=3,port=5:fd=99999999999", "no descriptor");
    refused("", "''");
  }

  @Test
  void limitsAreTheConfigurations() {
    for (String text : List.of("cid=2,uds=v", "cid=0,uds=v", "cid=4294967295,uds=v")) {
      assertThrows(MachineConfigException.class, () -> parse(text));
    }
    assertThrows(MachineConfigException.class, () -> parse("cid=3,port=4294967295:fd=1"));
    assertThrows(MachineConfigException.class, () -> parse("cid=3,port=1:fd=1,port=1:fd=2"));
    assertThrows(MachineConfigException.class, () -> parse("cid=3,port=1:fd=1,port=2:fd=1"));
  }
}
