package io.jvmm.devices.rtc;

/** When a clock's alarm goes off: hour, minute and second to be matched, or {@link #ANY}. */
record RtcAlarm(int hour, int minute, int second) {
  /** Matches whatever the clock shows. */
  static final int ANY = -1;

  private static final int SECONDS_PER_DAY = 86_400;

  /** Never: a time that no clock shows. */
  static final RtcAlarm NEVER = new RtcAlarm(24, 60, 60);

  /**
   * The first second after {@code epochSecond} that matches.
   *
   * @return {@link Long#MAX_VALUE} where none does
   */
  long nextAfter(long epochSecond) {
    if (hour >= 24 || minute >= 60 || second >= 60) {
      return Long.MAX_VALUE;
    }
    // Whole days, hours and minutes that cannot match are skipped, so this takes a few steps.
    long at = epochSecond + 1;
    long limit = at + 2L * SECONDS_PER_DAY;
    while (at < limit) {
      int ofDay = (int) Math.floorMod(at, (long) SECONDS_PER_DAY);
      if (hour >= 0 && ofDay / 3600 != hour) {
        at += 3600 - ofDay % 3600;
      } else if (minute >= 0 && ofDay / 60 % 60 != minute) {
        at += 60 - ofDay % 60;
      } else if (second >= 0 && ofDay % 60 != second) {
        at++;
      } else {
        return at;
      }
    }
    return Long.MAX_VALUE;
  }
}
