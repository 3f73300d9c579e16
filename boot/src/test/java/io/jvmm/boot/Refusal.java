package io.jvmm.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;

/** What a user is told where something cannot be booted. */
public final class Refusal {
  private Refusal() {}

  /** Asserts that the action is refused by one line that holds the text. */
  public static void assertRefused(String text, Runnable action) {
    String message = message(action);
    assertTrue(message.contains(text), message);
  }

  /** Asserts that the action is refused by one line, and answers it. */
  public static String message(Runnable action) {
    BootException e = assertThrows(BootException.class, action::run);
    String message = Objects.requireNonNull(e.getMessage());
    assertEquals(1, message.lines().count(), message);
    return message;
  }
}
