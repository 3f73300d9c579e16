package io.jvmm.tests.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The reader of results: a test that it lost would be a test that nobody misses. */
class TapTest {
  @Test
  void everyKindOfResultIsRead() {
    List<Tap.Result> results =
        Tap.parse(
            List.of(
                "1..3",
                "# a word before",
                "ok 1 - it works (3 s)",
                "not ok 2 - it fails - or so",
                "# because",
                "# of this",
                "noise",
                "ok 3 - it cannot be tried # SKIP no such device"));
    assertEquals(3, results.size());
    assertTrue(results.get(0).passed());
    assertEquals("it works (3 s)", results.get(0).text());
    assertEquals("", results.get(0).skipped());
    assertFalse(results.get(1).passed());
    assertEquals("it fails - or so", results.get(1).text());
    assertEquals(List.of("# because", "# of this"), results.get(1).comments());
    assertEquals("no such device", results.get(2).skipped());
    assertEquals("it cannot be tried", results.get(2).text());
  }

  @Test
  void whatComesAgainCountsOnce() {
    List<Tap.Result> results = Tap.parse(List.of("not ok 1 - a", "# lost", "ok 1 - a", "ok 2 - b"));
    assertEquals(2, results.size());
    assertTrue(results.get(0).passed());
  }
}
