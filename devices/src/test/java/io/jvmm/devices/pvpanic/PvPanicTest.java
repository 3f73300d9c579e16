package io.jvmm.devices.pvpanic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.devices.RecordedEvents;
import java.util.List;
import org.junit.jupiter.api.Test;

class PvPanicTest {
  private final RecordedEvents events = new RecordedEvents();
  private final PvPanic device = new PvPanic(events);

  @Test
  void readingTellsWhichEventsAreUnderstood() {
    assertEquals(3, device.read(0, 1));
  }

  @Test
  void aPanicIsTold() {
    device.write(0, 1, 1);
    assertEquals(List.of("panicked"), events.told());
  }

  @Test
  void aGuestThatLoadsItsCrashKernelGoesOn() {
    device.write(0, 1, 2);
    device.write(0, 1, 0);
    device.write(0, 1, 0xF8);
    assertEquals(List.of(), events.told());
  }
}
