package io.jvmm.devices.block.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NbdPatienceTest {
  private final NbdPatience patience = new NbdPatience(100);

  private void begin(long now, long moved) {
    assertTrue(patience.canBegin());
    patience.begin(now, moved);
    assertFalse(patience.canBegin(), "it is watched already");
  }

  @Test
  void aServerThatMovesNothingIsSilent() {
    begin(5, 28);
    assertEquals(105, patience.endsAt());
    assertTrue(patience.isOver(105, 28));
    assertEquals(NbdPatience.NEVER, patience.endsAt());
  }

  @Test
  void aByteBeginsTheTimeAnew() {
    begin(0, 28);
    assertFalse(patience.isOver(100, 29));
    assertEquals(200, patience.endsAt());
    assertTrue(patience.isOver(200, 29));
  }

  @Test
  void aServerThatIsSilentAgainGetsMoreTimeUntilItAnswers() {
    for (long limits : new long[] {1, 2, 4, 8, 16, 16}) {
      begin(0, 0);
      assertEquals(100 * limits, patience.endsAt());
      assertTrue(patience.isOver(100 * limits, 0));
    }
    patience.answered();
    begin(0, 0);
    assertEquals(100, patience.endsAt());
  }

  @Test
  void aServerThatHasNothingIsNotWatched() {
    begin(0, 0);
    patience.end();
    assertEquals(NbdPatience.NEVER, patience.endsAt());
    begin(50, 0);
    assertEquals(150, patience.endsAt());
  }

  @Test
  void aLimitOfNothingIsNone() {
    assertFalse(new NbdPatience(0).canBegin());
  }
}
