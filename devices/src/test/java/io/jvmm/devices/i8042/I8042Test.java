package io.jvmm.devices.i8042;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.devices.RecordedEvents;
import java.util.List;
import org.junit.jupiter.api.Test;

class I8042Test {
  private final RecordedEvents events = new RecordedEvents();
  private final I8042 controller = new I8042(events);

  @Test
  void theResetCommandResets() {
    controller.write(4, 1, 0xFE);
    assertEquals(List.of("reset"), events.told());
  }

  @Test
  void otherCommandsAndDataDoNothing() {
    for (int command = 0; command < 0xF0; command++) {
      controller.write(4, 1, command);
    }
    controller.write(4, 1, 0xFF); // pulses no line
    controller.write(4, 1, 0xFD); // pulses another line
    controller.write(0, 1, 0xFE); // a byte for the keyboard
    assertEquals(List.of(), events.told());
  }

  @Test
  void linuxFindsNoControllerAtOnce() { // i8042_flush: sixteen bytes, and it gives up
    for (int i = 0; i < 17; i++) {
      assertEquals(1, controller.read(4, 1) & 1, "the output buffer is full");
      assertEquals(0xFF, controller.read(0, 1));
    }
  }

  @Test
  void nobodyWaitsForTheInputBuffer() { // kb_wait before a reset
    assertEquals(0, controller.read(4, 1) & 2);
  }
}
