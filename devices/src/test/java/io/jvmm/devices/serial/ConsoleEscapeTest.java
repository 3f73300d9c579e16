package io.jvmm.devices.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.devices.serial.ConsoleEscape.Step;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleEscapeTest {
  private static List<Step> steps(String keys) {
    ConsoleEscape escape = new ConsoleEscape();
    List<Step> steps = new ArrayList<>();
    for (byte key : keys.getBytes(StandardCharsets.ISO_8859_1)) {
      steps.add(escape.next(key));
    }
    return steps;
  }

  @Test
  void ordinaryKeysAreSent() {
    assertEquals(List.of(Step.SEND, Step.SEND, Step.SEND), steps("xh?"));
    assertEquals(List.of(Step.SEND), steps("\u00ff"));
  }

  @Test
  void ctrlAThenXQuits() {
    assertEquals(List.of(Step.HOLD, Step.QUIT), steps("\001x"));
    assertEquals(List.of(Step.HOLD, Step.QUIT), steps("\001X"));
  }

  @Test
  void ctrlATwiceSendsOne() {
    assertEquals(List.of(Step.HOLD, Step.SEND), steps("\001\001"));
    assertEquals(
        List.of(Step.HOLD, Step.SEND, Step.SEND), steps("\001\001x"), "and is no prefix any more");
  }

  @Test
  void ctrlAThenHelpKeysShowsHelp() {
    assertEquals(
        List.of(Step.HOLD, Step.HELP, Step.HOLD, Step.HELP, Step.HOLD, Step.HELP),
        steps("\001h\001H\001?"));
  }

  @Test
  void anyOtherKeyTakesTheHeldCtrlAWithIt() {
    assertEquals(List.of(Step.HOLD, Step.SEND_BOTH, Step.SEND), steps("\001kx"));
  }
}
