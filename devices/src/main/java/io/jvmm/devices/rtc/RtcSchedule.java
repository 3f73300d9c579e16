package io.jvmm.devices.rtc;

/**
 * When a clock interrupts, as the guest has set it; replaced as a whole when the guest changes any
 * of it.
 *
 * @param alarm what is matched where {@code atAlarm}
 * @param offsetMillis from the host's time to the guest's
 * @param since the guest's second of the change: what comes after it counts
 */
record RtcSchedule(
    RtcAlarm alarm, boolean atAlarm, boolean eachSecond, long offsetMillis, long since) {
  /** Never. */
  static final RtcSchedule NEVER = new RtcSchedule(RtcAlarm.NEVER, false, false, 0, 0);

  /** The first second after {@code second} that interrupts, or {@link Long#MAX_VALUE}. */
  long nextAfter(long second) {
    if (eachSecond) {
      return second + 1;
    }
    return atAlarm ? alarm.nextAfter(second) : Long.MAX_VALUE;
  }
}
