package io.jvmm.devices.power;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.devices.RecordedEvents;
import java.util.List;
import org.junit.jupiter.api.Test;

class SleepRegistersTest {
  private static final int SLP_EN = 0x20;

  private final RecordedEvents events = new RecordedEvents();
  private final SleepRegisters registers = new SleepRegisters(5, events);

  @Test
  void softOffTurnsTheMachineOff() {
    registers.write(1, 1, 0x80); // Linux clears the wake status first
    registers.write(0, 1, 5 << 2 | SLP_EN);
    assertEquals(List.of("power off"), events.told());
  }

  @Test
  void withoutSleepEnableNothingHappens() {
    registers.write(0, 1, 5 << 2);
    assertEquals(List.of(), events.told());
    assertEquals(0, registers.read(1, 1));
  }

  @Test
  void aStateThatThereIsNotIsLeftAtOnce() {
    registers.write(0, 1, 3 << 2 | SLP_EN);
    assertEquals(0x80, registers.read(1, 1), "else the driver would wait for ever");
    registers.write(1, 1, 0x80);
    assertEquals(0, registers.read(1, 1));
    assertEquals(0, registers.read(0, 1));
    assertEquals(List.of(), events.told());
  }
}
