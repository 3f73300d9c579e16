package io.jvmm.devices.rtc;

/** Registers of the MC146818 and their bits, with the names of {@code linux/mc146818rtc.h}. */
final class RtcRegister {
  static final int SECONDS = 0x00;
  static final int SECONDS_ALARM = 0x01;
  static final int MINUTES = 0x02;
  static final int MINUTES_ALARM = 0x03;
  static final int HOURS = 0x04;
  static final int HOURS_ALARM = 0x05;
  static final int DAY_OF_WEEK = 0x06;
  static final int DAY_OF_MONTH = 0x07;
  static final int MONTH = 0x08;
  static final int YEAR = 0x09;
  static final int REG_A = 0x0A;
  static final int REG_B = 0x0B;
  static final int REG_C = 0x0C;
  static final int REG_D = 0x0D;

  /** Where PCs keep the century, and the FADT may say so. */
  static final int CENTURY = 0x32;

  /** The clock's registers and its RAM. */
  static final int COUNT = 0x80;

  /** REG_A: an update is in progress or will begin at once. */
  static final int UIP = 0x80;

  /** REG_A: the divider for a 32 kHz crystal, the periodic rate of 1024 Hz. */
  static final int REG_A_DEFAULT = 0x26;

  /** REG_B: the guest sets the time; no updates. */
  static final int SET = 0x80;

  /** REG_B: alarm interrupt. */
  static final int AIE = 0x20;

  /** REG_B: interrupt after each update. */
  static final int UIE = 0x10;

  /** REG_B: values are binary, not BCD. */
  static final int DM_BINARY = 0x04;

  /** REG_B: hours to 24. It is always set. */
  static final int HOURS_24 = 0x02;

  /** REG_C: an interrupt is asserted. */
  static final int IRQF = 0x80;

  /** REG_C: alarm. */
  static final int AF = 0x20;

  /** REG_C: an update ended. */
  static final int UF = 0x10;

  /** REG_D: the battery is good, so time and RAM are valid. */
  static final int VRT = 0x80;

  /** An alarm register with both upper bits set matches anything. */
  static final int ALARM_ANY = 0xC0;

  private RtcRegister() {}
}
