package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HelpTest {
  @ParameterizedTest
  @EnumSource(CommandOption.class)
  void everyOptionIsExplained(CommandOption option) {
    String heading =
        "\n  "
            + option.flag()
            + (option.needsValue() ? " " : "")
            + option.placeholder()
            + "\n        ";
    assertTrue(Help.text().contains(heading), heading);
  }

  @Test
  void everyExitStatusIsExplained() {
    String text = Help.text();
    String statuses = text.substring(text.indexOf("EXIT STATUS"), text.indexOf("ENVIRONMENT"));
    for (int status :
        new int[] {
          ExitStatus.OK,
          ExitStatus.GUEST_CRASHED,
          ExitStatus.BAD_INPUT,
          ExitStatus.HOST_CANNOT,
          ExitStatus.INTERNAL_ERROR
        }) {
      assertTrue(statuses.contains("\n  " + status + " "), "status " + status);
    }
  }

  @Test
  void itFitsATerminal() {
    Help.text()
        .lines()
        .forEach(line -> assertTrue(line.length() <= 80, () -> line.length() + ": " + line));
  }

  @Test
  void itTellsTheEscapeTheEnvironmentAndTheDoctor() {
    String text = Help.text();
    assertTrue(text.contains("Ctrl-A x"));
    assertTrue(text.contains(Failure.DEBUG_VARIABLE + "=1"));
    assertTrue(text.contains("jvmm doctor"));
  }

  @Test
  void usageIsShort() {
    assertEquals(6, Help.usage().lines().count());
  }
}
