package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ControlCallTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return ControlCall.run(arguments, new PrintStream(out, true), new PrintStream(err, true));
  }

  @Test
  void wordsBecomeARequest() {
    assertEquals(
        "{\"execute\":\"status\"}", ControlCall.request(new String[] {"control", "p", "status"}));
    assertEquals(
        "{\"execute\":\"x\",\"arguments\":{\"disk\":\"a=b\",\"bytes\":512,\"on\":\"\",\"s\":\"1M\"}}",
        ControlCall.request(
            new String[] {"control", "p", "x", "disk=a=b", "bytes=512", "on=", "s=1M"}));
  }

  @Test
  void argumentsThatMakeNoSenseAreRefused() {
    assertThrows(UsageException.class, () -> run("control"));
    assertThrows(UsageException.class, () -> run("control", "path"));
    assertThrows(UsageException.class, () -> run("control", "path", "x", "word"));
    assertThrows(UsageException.class, () -> run("control", "path", "x", "=1"));
  }

  @Test
  void helpIsShownAnywhere() {
    assertEquals(0, run("control", "--help"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("Exit status: 0 done"));
  }

  @Test
  void nobodyThereIsStatusThree() {
    assertEquals(3, run("control", "/nonexistent/socket", "status"));
    assertEquals(
        "jvmm: control: /nonexistent/socket: no such socket\n",
        err.toString(StandardCharsets.UTF_8));
  }
}
