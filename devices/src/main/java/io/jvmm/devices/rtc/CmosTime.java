package io.jvmm.devices.rtc;

/**
 * A moment as the clock's registers have it, in the proleptic Gregorian calendar.
 *
 * <p>Registers have two digits for the year and two for the century: the year after 9999 is 0.
 *
 * <p>The arithmetic is done here because a kernel reads its clock early, and java.time would be
 * loaded for that alone.
 */
record CmosTime(int year, int month, int day, int hour, int minute, int second) {
  private static final int SECONDS_PER_DAY = 86_400;
  private static final int DAYS_PER_YEAR = 365;
  private static final int DAYS_PER_4_YEARS = 4 * DAYS_PER_YEAR + 1;
  private static final int DAYS_PER_CENTURY = 25 * DAYS_PER_4_YEARS - 1;
  private static final int DAYS_PER_400_YEARS = 4 * DAYS_PER_CENTURY + 1;
  private static final int YEARS = 10_000;

  /** As many years begin on the same days of the week again, leap years and all. */
  private static final int DAYS = YEARS / 400 * DAYS_PER_400_YEARS;

  /** Days from 1970-01-01 to 2000-03-01, from where leap days fall at the end of each period. */
  private static final int MARCH_2000 = 11_017;

  /**
   * Days before each month of a year that begins in March; the last is the year without its end.
   */
  private static final int[] DAYS_BEFORE = {0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337};

  static CmosTime ofEpochSecond(long epochSecond) {
    int secondOfDay = (int) Math.floorMod(epochSecond, (long) SECONDS_PER_DAY);
    long days = Math.floorDiv(epochSecond, (long) SECONDS_PER_DAY) - MARCH_2000;
    int rest = (int) Math.floorMod(days, (long) DAYS_PER_400_YEARS);
    int year = 2000 + 400 * (int) (Math.floorMod(days, (long) DAYS) / DAYS_PER_400_YEARS);
    int centuries = Math.min(rest / DAYS_PER_CENTURY, 3); // the fourth has a day more
    rest -= centuries * DAYS_PER_CENTURY;
    int fours = rest / DAYS_PER_4_YEARS;
    rest -= fours * DAYS_PER_4_YEARS;
    int years = Math.min(rest / DAYS_PER_YEAR, 3); // the fourth has a day more
    rest -= years * DAYS_PER_YEAR;
    year += 100 * centuries + 4 * fours + years;
    int month = DAYS_BEFORE.length - 1;
    while (DAYS_BEFORE[month] > rest) {
      month--;
    }
    int day = rest - DAYS_BEFORE[month] + 1;
    boolean nextYear = month >= 10; // January and February end the year that began in March
    return new CmosTime(
        (nextYear ? year + 1 : year) % YEARS,
        nextYear ? month - 9 : month + 3,
        day,
        secondOfDay / 3600,
        secondOfDay / 60 % 60,
        secondOfDay % 60);
  }

  /** The reverse; fields out of range, which a guest may write, count on into the next. */
  long toEpochSecond() {
    int fromMarch = month - 3;
    long years = (long) year - 2000 + Math.floorDiv(fromMarch, 12);
    long days =
        MARCH_2000
            + DAYS_PER_YEAR * years
            + Math.floorDiv(years, 4)
            - Math.floorDiv(years, 100)
            + Math.floorDiv(years, 400)
            + DAYS_BEFORE[Math.floorMod(fromMarch, 12)]
            + day
            - 1;
    return days * SECONDS_PER_DAY + hour * 3600L + minute * 60L + second;
  }

  /** 1 is Sunday. */
  int weekday() {
    long days = Math.floorDiv(toEpochSecond(), (long) SECONDS_PER_DAY);
    return (int) Math.floorMod(days + 4, 7L) + 1; // 1970-01-01 was a Thursday
  }
}
