package io.jvmm.vmm.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.vmm.DiskConfig;
import io.jvmm.vmm.Machine;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.PayloadKernel;
import io.jvmm.vmm.kvm.Kvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads back what a recording of this JVM has of a machine. */
class FlightEventsTest {
  @TempDir Path folder = Path.of("");

  @BeforeEach
  void needsKvm() {
    Assumptions.assumeTrue(Files.isWritable(Path.of(Kvm.DEVICE)), "no writable " + Kvm.DEVICE);
  }

  private void runMachine(String name) throws Exception {
    Path kernel = new PayloadKernel().print("x").powerOff().in(folder, name);
    Path disk = Files.write(folder.resolve(name + ".img"), new byte[1 << 16]);
    MachineConfig config =
        MachineConfig.forKernel(kernel.toString())
            .name(name)
            .memoryBytes(32 << 20)
            .disk(DiskConfig.of(disk.toString(), false))
            .build();
    try (Machine machine = Machine.builder(config).flightRecorder(true).build()) {
      machine.start();
      machine.await();
    }
  }

  @Test
  void theLastFiguresOfAMachineAreInARecording() throws Exception {
    Path file = folder.resolve("r.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      runMachine("vm1");
      runMachine("vm2");
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    for (String machine : List.of("vm1", "vm2")) {
      RecordedEvent queue = last(events, "io.jvmm.VirtioQueue", machine);
      assertTrue(queue.getString("device").startsWith("disk "), queue::toString);
      assertEquals(0, queue.getInt("queue"));
      assertEquals(0, queue.getLong("requests"));
      assertEquals(0, queue.getDuration("p99").toNanos());
      RecordedEvent vcpu = last(events, "io.jvmm.VcpuExits", machine);
      assertTrue(vcpu.getLong("portWrites") >= 2, vcpu::toString);
    }
  }

  private static RecordedEvent last(List<RecordedEvent> events, String type, String machine) {
    List<RecordedEvent> found =
        events.stream()
            .filter(event -> event.getEventType().getName().equals(type))
            .filter(event -> event.getString("machine").equals(machine))
            .toList();
    assertFalse(found.isEmpty(), () -> type + " of " + machine);
    return found.getLast();
  }

  @Test
  void aFileIsWrittenAtTheEnd() throws Exception {
    Path file = folder.resolve("f.jfr");
    try (FlightFile flight = new FlightFile(file.toString())) {
      flight.start();
      runMachine("vm3");
      flight.awaitStart();
    }
    assertTrue(Files.size(file) > 0);
  }

  @Test
  void aFileThatWasNeverBegunIsNotWritten() throws Exception {
    Path file = folder.resolve("g.jfr");
    new FlightFile(file.toString()).close();
    assertFalse(Files.exists(file));
  }
}
