package io.jvmm.devices.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CmosTimeTest {
  private static final long YEAR_1900 = -2_208_988_800L;
  private static final long YEAR_2500 = 16_725_225_600L;

  private static void agreesWithJavaTime(long second) {
    LocalDateTime expected = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
    CmosTime time = CmosTime.ofEpochSecond(second);
    assertEquals(
        new CmosTime(
            expected.getYear(),
            expected.getMonthValue(),
            expected.getDayOfMonth(),
            expected.getHour(),
            expected.getMinute(),
            expected.getSecond()),
        time);
    assertEquals(second, time.toEpochSecond());
    assertEquals(expected.getDayOfWeek().getValue() % 7 + 1, time.weekday(), "1 is Sunday");
  }

  @Test
  void everyDayOfSixCenturiesIsTheCalendars() {
    for (long day = YEAR_1900; day < YEAR_2500; day += 86_400) {
      agreesWithJavaTime(day);
      agreesWithJavaTime(day - 1);
    }
  }

  @Test
  void anySecondIsTheCalendars() {
    Random random = new Random(3);
    for (int i = 0; i < 5000; i++) {
      agreesWithJavaTime(random.nextLong(YEAR_1900, YEAR_2500));
    }
  }

  @Test
  void nonsenseCountsOn() {
    assertEquals(
        CmosTime.ofEpochSecond(new CmosTime(2026, 3, 3, 0, 0, 0).toEpochSecond()),
        CmosTime.ofEpochSecond(new CmosTime(2026, 2, 31, 0, 0, 0).toEpochSecond()));
    assertEquals(
        new CmosTime(2027, 1, 1, 0, 0, 0).toEpochSecond(),
        new CmosTime(2026, 13, 1, 0, 0, 0).toEpochSecond());
    assertEquals(
        new CmosTime(2025, 12, 1, 0, 0, 0).toEpochSecond(),
        new CmosTime(2026, 0, 1, 0, 0, 0).toEpochSecond());
  }
}
