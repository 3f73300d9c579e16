package io.jvmm.vmm.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExecTimeTest {
  private static final String STAT =
      "4242 (a) b (c)) S 1 4242 4242 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 12 0 123456 2 3 4";

  @AfterEach
  void forget() {
    System.clearProperty(ExecTime.PROPERTY);
  }

  @Test
  void aProcessIsAsOldAsTheHostLessWhenItWasMade() {
    assertEquals(1_440_000_000L, ExecTime.age(STAT, "1236.00 99.00\n"));
    assertEquals(0, ExecTime.age(STAT, "1234.55 99.00\n"));
  }

  @Test
  void damagedTextsHaveNoAge() {
    assertEquals(-1, ExecTime.age(null, "1 2"));
    assertEquals(-1, ExecTime.age(STAT, null));
    assertEquals(-1, ExecTime.age("", "1.00 2.00"));
    assertEquals(-1, ExecTime.age("1 (x) S 1", "1.00 2.00"));
    assertEquals(-1, ExecTime.age(STAT, ""));
    assertEquals(-1, ExecTime.age(STAT, "x 2.00"));
  }

  @Test
  void withoutALauncherTheProcessKnows() {
    long now = System.nanoTime();
    ExecTime exec = ExecTime.find(now);
    assertEquals(ExecTime.Source.PROCESS, exec.source());
    assertTrue(exec.nanos() <= now);
  }

  @Test
  void theLaunchersClockIsBrought() {
    long before = System.nanoTime();
    System.setProperty(
        ExecTime.PROPERTY, Long.toString((System.currentTimeMillis() - 250) * 1_000_000));
    ExecTime exec = ExecTime.find(System.nanoTime());
    assertEquals(ExecTime.Source.LAUNCHER, exec.source());
    assertTrue(exec.nanos() < before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0", "9223372036854775807", "-1", "1e9"})
  void aLauncherThatCannotBeIsNotBelieved(String value) {
    System.setProperty(ExecTime.PROPERTY, value);
    assertEquals(ExecTime.Source.PROCESS, ExecTime.find(System.nanoTime()).source());
  }
}
