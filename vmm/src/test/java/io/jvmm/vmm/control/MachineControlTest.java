package io.jvmm.vmm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.vmm.DiskConfig;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.MachineEnd;
import io.jvmm.vmm.PayloadKernel;
import io.jvmm.vmm.kvm.Kvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a machine with a guest of a few instructions answers. */
class MachineControlTest {
  @TempDir Path folder = Path.of("");

  @BeforeEach
  void needsKvm() {
    Assumptions.assumeTrue(Files.isWritable(Path.of(Kvm.DEVICE)), "no writable " + Kvm.DEVICE);
  }

  private Machine machine() throws IOException {
    Path kernel = new PayloadKernel().exitForEver().in(folder, "kernel");
    MachineConfig config =
        MachineConfig.forKernel(kernel.toString()).name("vm1").memoryBytes(32 << 20).build();
    return Machine.builder(config).recordLatencies(true).build();
  }

  private static String ask(Machine machine, String line) {
    return new MachineControl(machine).answer(line.getBytes(StandardCharsets.UTF_8));
  }

  private static String execute(Machine machine, String command) {
    return ask(machine, "{\"execute\":\"" + command + "\"}");
  }

  @Test
  void theLifeOfAMachineIsToldAndRuled() throws Exception {
    try (Machine machine = machine()) {
      String status = execute(machine, "status");
      assertTrue(status.startsWith("{\"return\":{\"name\":\"vm1\",\"state\":\"built\""), status);
      assertTrue(status.endsWith("\"cpus\":1,\"memoryBytes\":33554432}}"), status);
      assertRefused("the machine is built", execute(machine, "pause"));
      machine.start();
      assertState("running", execute(machine, "resume"));
      assertState("paused", execute(machine, "pause"));
      assertState("paused", execute(machine, "pause"));
      String before = execute(machine, "stats");
      assertEquals(before, execute(machine, "stats"));
      assertState("running", execute(machine, "resume"));
      assertState("running", execute(machine, "stop"));
      assertState("ended", execute(machine, "kill"));
      assertEquals(MachineEnd.Cause.STOPPED, machine.await().cause());
      assertRefused("the machine is ended", execute(machine, "resume"));
      assertTrue(execute(machine, "stats").startsWith("{\"return\":{\"exits\":[{\"total\":"));
    }
  }

  @Test
  void helpNamesEveryCommand() throws Exception {
    try (Machine machine = machine()) {
      String help = execute(machine, "help");
      for (ControlCommand command : ControlCommand.values()) {
        assertTrue(help.contains("{\"name\":\"" + command.word() + "\""), help);
      }
    }
  }

  @Test
  void aMachineWithoutABalloonHasNone() throws Exception {
    try (Machine machine = machine()) {
      assertRefused("machine has no balloon", execute(machine, "balloon"));
      assertRefused("machine has no balloon", execute(machine, "balloon-statistics"));
    }
  }

  @Test
  void aDiskThatIsNotThereIsNotFound() throws Exception {
    try (Machine machine = machine()) {
      assertEquals(
          "{\"error\":{\"class\":\"DeviceNotFound\",\"desc\":\"machine has no disk 'x'\"}}",
          ask(machine, "{\"execute\":\"disk-resize\",\"arguments\":{\"disk\":\"x\"}}"));
      assertEquals(
          "{\"error\":{\"class\":\"DeviceNotFound\",\"desc\":\"machine has no disk 'x'\"}}",
          limit(machine, "x", "\"iops\":1"));
    }
  }

  private static String limit(Machine machine, String disk, String more) {
    return ask(
        machine,
        "{\"execute\":\"disk-limit\",\"arguments\":{\"disk\":\"" + disk + "\"," + more + "}}");
  }

  @Test
  void aDisksLimitsAreChangedWhileItRuns() throws Exception {
    Path kernel = new PayloadKernel().exitForEver().in(folder, "kernel");
    Path image = Files.write(folder.resolve("image"), new byte[1 << 20]);
    MachineConfig config =
        MachineConfig.forKernel(kernel.toString()).disk(DiskConfig.of(image.toString())).build();
    try (Machine machine = Machine.builder(config).build()) {
      machine.start();
      String limited = limit(machine, "disk0", "\"iops\":100,\"bps\":\"4M\"");
      assertEquals("{\"return\":{\"iops\":100,\"bps\":4194304}}", limited);
      assertEquals("{\"return\":{\"iops\":0,\"bps\":0}}", limit(machine, "disk0", "\"iops\":0"));
      assertEquals(
          "{\"error\":{\"class\":\"BadArgument\",\"desc\":\"iops-burst: needs iops\"}}",
          limit(machine, "disk0", "\"iops-burst\":1"));
    }
  }

  @Test
  void aCableThatIsNotThereIsNotFound() throws Exception {
    try (Machine machine = machine()) {
      assertEquals(
          "{\"error\":{\"class\":\"DeviceNotFound\",\"desc\":\"there is no network device 'x'\"}}",
          ask(machine, "{\"execute\":\"link\",\"arguments\":{\"net\":\"x\",\"state\":\"down\"}}"));
    }
  }

  @Test
  void whatCannotBeDoneIsToldWithTheRequestsId() throws Exception {
    try (Machine machine = machine()) {
      assertEquals(
          "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"there is no command 'halt'; help"
              + " tells which there are\"},\"id\":3}",
          ask(machine, "{\"execute\":\"halt\",\"id\":3}"));
      assertEquals(
          "{\"error\":{\"class\":\"BadArgument\",\"desc\":\"status takes no argument x\"},"
              + "\"id\":\"a\"}",
          ask(machine, "{\"execute\":\"status\",\"id\":\"a\",\"arguments\":{\"x\":1}}"));
      assertEquals(
          "{\"error\":{\"class\":\"BadRequest\",\"desc\":\"request:1:1: an object is expected\"}}",
          ask(machine, "status"));
    }
  }

  private static void assertState(String state, String answer) {
    assertEquals("{\"return\":{\"state\":\"" + state + "\"}}", answer);
  }

  private static void assertRefused(String why, String answer) {
    assertEquals("{\"error\":{\"class\":\"Refused\",\"desc\":\"" + why + "\"}}", answer);
  }
}
