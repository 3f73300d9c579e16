package io.jvmm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.boot.BootException;
import io.jvmm.boot.MachineLayout;
import io.jvmm.vmm.MachineEnd.Cause;
import io.jvmm.vmm.kvm.Kvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines in this JVM, with guests of a few instructions. */
class MachineTest {
  private static final long MIB = 1 << 20;

  /** So much RAM that a mapping left behind outweighs what the JVM itself maps meanwhile. */
  private static final long GUEST_RAM_TO_NOTICE = 2048 * MIB;

  @TempDir Path directory = Path.of("");

  @BeforeEach
  void needsKvm() {
    Assumptions.assumeTrue(Files.isWritable(Path.of(Kvm.DEVICE)), "no writable " + Kvm.DEVICE);
  }

  private MachineConfig.Builder config(PayloadKernel kernel) throws IOException {
    return MachineConfig.forKernel(kernel.in(directory, "kernel.elf").toString())
        .memoryBytes(32 * MIB);
  }

  private static MachineEnd run(MachineConfig config) throws InterruptedException {
    try (Machine machine = Machine.builder(config).build()) {
      machine.start();
      return machine.await();
    }
  }

  @Test
  void aGuestThatTurnsItselfOffEndsTheMachine() throws Exception {
    PayloadKernel kernel = new PayloadKernel().powerOff();

    assertEquals(Cause.POWERED_OFF, run(config(kernel).build()).cause());
  }

  @Test
  void whatTheGuestWritesReachesTheConsole() throws Exception {
    Path file = directory.resolve("console");
    try (io.jvmm.host.file.OpenFile console = io.jvmm.host.file.OpenFile.create(file.toString())) {
      MachineConfig config = config(new PayloadKernel().print("hello\n").powerOff()).build();
      try (Machine machine =
          Machine.builder(config)
              .console(MachineConsole.ofDescriptors(-1, console.fd().number(), false))
              .build()) {
        machine.start();
        machine.await();
      }
    }
    assertEquals("hello\n", Files.readString(file, StandardCharsets.US_ASCII));
  }

  @Test
  void aGuestReadsItsPciFunctionsWithoutAnExit() throws Exception {
    long bridge = MachineLayout.PCI_CONFIG;
    long absent = bridge + 5 * 0x8000;
    PayloadKernel kernel =
        new PayloadKernel()
            .printMemory(bridge)
            .printMemory(absent)
            .store(bridge + 4, -1)
            .printMemory(bridge + 4)
            .powerOff();
    Path file = directory.resolve("console");
    ExitCounts exits;
    try (io.jvmm.host.file.OpenFile console = io.jvmm.host.file.OpenFile.create(file.toString());
        Machine machine =
            Machine.builder(config(kernel).transport(Transport.PCI).build())
                .console(MachineConsole.ofDescriptors(-1, console.fd().number(), false))
                .build()) {
      machine.start();
      assertEquals(Cause.POWERED_OFF, machine.await().cause());
      exits = machine.exitCounts().getFirst();
    }
    assertEquals(
        "361b0800" + "ffffffff" + "06000000", HexFormat.of().formatHex(Files.readAllBytes(file)));
    assertEquals(1, exits.mmioReads()); // of the function that is not there
    assertEquals(1, exits.mmioWrites());
  }

  @Test
  void aTripleFaultIsACrashWithARegisterDump() throws Exception {
    MachineEnd end = run(config(new PayloadKernel().tripleFault()).build());

    // A KVM that emulates the guest's kernel gives up at the undefined instruction instead.
    assertTrue(end.cause() == Cause.CRASHED || end.cause() == Cause.FAILED, end::toString);
    assertTrue(end.detail().contains("rip 0x100000"), end::detail);
    assertTrue(end.detail().contains("0f 0b"), end::detail);
    assertTrue(end.detail().contains("cr3 "), end::detail);
  }

  @Test
  void stopEndsAGuestThatLoopsForEver() throws Exception {
    MachineConfig config = config(new PayloadKernel().loop()).build();
    try (Machine machine = Machine.builder(config).build()) {
      machine.start();
      machine.stop();
      assertEquals(Cause.STOPPED, machine.await().cause());
      assertEquals(Machine.State.ENDED, machine.state());
    }
  }

  @Test
  void closingARunningMachineEndsIt() throws Exception {
    MachineConfig config = config(new PayloadKernel().exitForEver()).build();
    Machine machine = Machine.builder(config).build();
    machine.start();
    machine.close();
    assertEquals(Machine.State.CLOSED, machine.state());
    machine.close();
  }

  @Test
  void aBalloonTakesATargetAndSaysWhenThereIsNone() throws Exception {
    MachineConfig.Builder config = config(new PayloadKernel().loop());
    try (Machine machine = Machine.builder(config.build()).build()) {
      assertThrows(IllegalStateException.class, () -> machine.balloon(0));
    }
    config.virtio(VirtioConfig.NONE.withBalloon(0));
    Machine machine = Machine.builder(config.build()).build();
    machine.balloon(MIB);
    assertEquals(0, machine.balloonSize());
    assertThrows(IllegalArgumentException.class, () -> machine.balloon(33 * MIB));
    assertThrows(IllegalArgumentException.class, () -> machine.balloon(-1));
    assertNull(machine.balloonStatistics(1));
    machine.close();
    assertThrows(IllegalStateException.class, () -> machine.balloon(0));
  }

  @Test
  void aMachineThatNeverStartedClosesToo() throws Exception {
    Machine machine = Machine.builder(config(new PayloadKernel().loop()).build()).build();
    assertEquals(Machine.State.BUILT, machine.state());
    machine.close();
  }

  @Test
  void aPausedGuestDoesNothingUntilItIsResumed() throws Exception {
    MachineConfig config = config(new PayloadKernel().exitForEver()).build();
    CountDownLatch running = new CountDownLatch(1);
    MachineObserver observer =
        new MachineObserver() {
          @Override
          public void step(Step step, long nanos) {
            if (step == Step.FIRST_RUN) {
              running.countDown();
            }
          }
        };
    try (Machine machine = Machine.builder(config).observer(observer).build()) {
      machine.start();
      running.await();
      machine.pause();
      assertEquals(Machine.State.PAUSED, machine.state());
      ExitCounts before = machine.exitCounts().getFirst();
      assertEquals(before, machine.exitCounts().getFirst());
      machine.pause(); // a second time changes nothing

      machine.resume();
      assertEquals(Machine.State.RUNNING, machine.state());
      machine.pause();
      machine.stop();
      assertEquals(Cause.STOPPED, machine.await().cause());
      assertTrue(machine.exitCounts().getFirst().total() >= before.total());
    }
  }

  @Test
  void startingTwiceIsRefused() throws Exception {
    MachineConfig config = config(new PayloadKernel().loop()).build();
    try (Machine machine = Machine.builder(config).build()) {
      machine.start();
      assertThrows(IllegalStateException.class, machine::start);
    }
  }

  @Test
  void aKernelThatIsNoneLeavesNothingBehind() throws Exception {
    Path text = Files.writeString(directory.resolve("text"), "not a kernel");
    Traces before = Traces.now();

    MachineConfig config = MachineConfig.forKernel(text.toString()).build();
    assertThrows(BootException.class, () -> Machine.builder(config).build());

    before.assertSameAs(Traces.now());
  }

  @Test
  void tenMachinesOneAfterTheOtherAndThreeAtOnceLeaveNoTrace() throws Exception {
    Path disk = directory.resolve("disk");
    Files.write(disk, new byte[1 << 16]);
    MachineConfig config =
        config(new PayloadKernel().print("x").powerOff())
            .cpus(2)
            .memoryBytes(GUEST_RAM_TO_NOTICE)
            .disk(DiskConfig.of(disk.toString(), true))
            .build();
    run(config); // what the JVM makes once
    Traces before = Traces.now();

    for (int i = 0; i < 10; i++) {
      assertEquals(Cause.POWERED_OFF, run(config).cause());
    }
    List<Machine> machines = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      machines.add(Machine.builder(config).build());
    }
    for (Machine machine : machines) {
      machine.start();
    }
    for (Machine machine : machines) {
      assertEquals(Cause.POWERED_OFF, machine.await().cause());
      machine.close();
    }

    before.assertSameAs(Traces.now());
  }

  @Test
  void oneMachinesFailureIsNotAnothers() throws Exception {
    MachineConfig good = config(new PayloadKernel().exitForEver()).build();
    Path other = new PayloadKernel().tripleFault().in(directory, "bad.elf");
    MachineConfig bad = MachineConfig.forKernel(other.toString()).memoryBytes(32 * MIB).build();
    try (Machine survivor = Machine.builder(good).build()) {
      survivor.start();
      assertFalse(run(bad).detail().isEmpty());
      assertEquals(Machine.State.RUNNING, survivor.state());
    }
  }

  /** What a machine could leave behind in this process. */
  private record Traces(List<String> descriptors, List<String> threads, long addressSpaceBytes) {
    private static final int PAGE_SIZE = 4096;

    static Traces now() throws IOException {
      return new Traces(descriptorsNow(), threadsNow(), addressSpaceNow());
    }

    private static List<String> descriptorsNow() throws IOException {
      List<String> targets = new ArrayList<>();
      try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
        for (Path fd : fds.toList()) {
          if (Files.isSymbolicLink(fd)) {
            targets.add(Files.readSymbolicLink(fd).toString());
          }
        }
      }
      targets.removeIf(target -> target.contains("/proc/")); // the list's own
      targets.sort(null);
      return targets;
    }

    private static List<String> threadsNow() {
      return Thread.getAllStackTraces().keySet().stream()
          .map(Thread::getName)
          .filter(name -> name.contains("vcpu-") || name.contains("io-"))
          .sorted()
          .toList();
    }

    private static long addressSpaceNow() throws IOException {
      String statm = Files.readString(Path.of("/proc/self/statm"), StandardCharsets.US_ASCII);
      return Long.parseLong(statm.substring(0, statm.indexOf(' '))) * PAGE_SIZE;
    }

    void assertSameAs(Traces after) {
      assertEquals(descriptors, after.descriptors);
      assertEquals(threads, after.threads);
      long growth = after.addressSpaceBytes - addressSpaceBytes;
      assertTrue(growth < GUEST_RAM_TO_NOTICE, () -> growth + " bytes are still mapped");
    }
  }
}
