package io.jvmm.devices.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RtcAlarmTest {
  private static final long NOON = 1_800_014_400L; // 12:00:00

  @Test
  void theNextMatchIsFound() {
    assertEquals(NOON + 30, new RtcAlarm(12, 0, 30).nextAfter(NOON));
    assertEquals(NOON + 86_400, new RtcAlarm(12, 0, 0).nextAfter(NOON), "after, not at");
    assertEquals(NOON + 1, new RtcAlarm(-1, -1, -1).nextAfter(NOON));
    assertEquals(NOON + 60, new RtcAlarm(-1, -1, 0).nextAfter(NOON));
    assertEquals(NOON + 3600, new RtcAlarm(-1, 0, 0).nextAfter(NOON));
  }

  @Test
  void atTimesThatNoClockShowsItNeverGoesOff() {
    assertEquals(Long.MAX_VALUE, RtcAlarm.NEVER.nextAfter(NOON));
    assertEquals(Long.MAX_VALUE, new RtcAlarm(-1, 60, -1).nextAfter(NOON));
    assertEquals(Long.MAX_VALUE, new RtcAlarm(-1, -1, 99).nextAfter(NOON));
  }

  @Test
  void itIsTheFirstSecondThatMatches() {
    Random random = new Random(5);
    for (int i = 0; i < 300; i++) {
      RtcAlarm alarm =
          new RtcAlarm(random.nextInt(-1, 24), random.nextInt(-1, 60), random.nextInt(-1, 60));
      long from = NOON + random.nextInt(86_400);
      long expected = from + 1;
      while (!matches(alarm, CmosTime.ofEpochSecond(expected))) {
        expected++;
      }
      assertEquals(expected, alarm.nextAfter(from), alarm + " after " + from);
    }
  }

  private static boolean matches(RtcAlarm alarm, CmosTime time) {
    return (alarm.hour() < 0 || alarm.hour() == time.hour())
        && (alarm.minute() < 0 || alarm.minute() == time.minute())
        && (alarm.second() < 0 || alarm.second() == time.second());
  }
}
