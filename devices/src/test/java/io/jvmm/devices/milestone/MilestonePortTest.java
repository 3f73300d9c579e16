package io.jvmm.devices.milestone;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.devices.RecordedEvents;
import java.util.List;
import org.junit.jupiter.api.Test;

class MilestonePortTest {
  @Test
  void aNumberIsPassedOn() {
    RecordedEvents events = new RecordedEvents();
    MilestonePort port = new MilestonePort(events);
    port.write(0, 1, 1);
    port.write(0, 4, 0xFFFF_FF02);
    assertEquals(List.of("milestone 1", "milestone 2"), events.told());
    assertEquals(0, port.read(0, 1));
  }
}
