package io.jvmm.devices.rtc;

import static io.jvmm.devices.rtc.RtcRegister.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.IoLoop;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CmosClockTest {
  /** 2026-11-24 21:27:58 UTC, a Tuesday. */
  private static final long START_MILLIS = 1_795_555_678_000L;

  private final AtomicLong hostMillis = new AtomicLong(START_MILLIS);
  private final Semaphore interrupts = new Semaphore(0);
  private final IoLoop loop =
      IoLoop.start(
          "io-test",
          (what, cause) -> {
            throw new AssertionError(what, cause);
          });
  private final CmosClock clock =
      CmosClock.attach(hostMillis::get, loop, state -> interrupts.release());

  @AfterEach
  void close() {
    clock.close();
    loop.close();
  }

  private int get(int register) {
    clock.write(0, 1, register);
    return clock.read(1, 1);
  }

  private void set(int register, int value) {
    clock.write(0, 1, register);
    clock.write(1, 1, value);
  }

  private String shown() {
    return Integer.toHexString(get(CENTURY))
        + Integer.toHexString(0x100 | get(YEAR)).substring(1)
        + "-"
        + Integer.toHexString(0x100 | get(MONTH)).substring(1)
        + "-"
        + Integer.toHexString(0x100 | get(DAY_OF_MONTH)).substring(1)
        + " "
        + Integer.toHexString(0x100 | get(HOURS)).substring(1)
        + ":"
        + Integer.toHexString(0x100 | get(MINUTES)).substring(1)
        + ":"
        + Integer.toHexString(0x100 | get(SECONDS)).substring(1);
  }

  @Test
  void itShowsTheHostsTimeInBcd() {
    assertEquals("2026-11-24 21:27:58", shown());
    assertEquals(3, get(DAY_OF_WEEK));
    hostMillis.addAndGet(3_000);
    assertEquals("2026-11-24 21:28:01", shown());
  }

  @Test
  void itShowsBinaryOnDemand() {
    set(REG_B, DM_BINARY);
    assertEquals(58, get(SECONDS));
    assertEquals(20, get(CENTURY));
    assertEquals(26, get(YEAR));
    assertEquals(DM_BINARY | HOURS_24, get(REG_B), "there is no 12-hour mode");
  }

  @Test
  void linuxFindsAClockThatWorks() { // mc146818_does_rtc_work, mc146818_get_time
    assertEquals(0, get(REG_A) & UIP);
    assertEquals(0x26, get(REG_A));
    assertEquals(HOURS_24, get(REG_B));
    assertEquals(VRT, get(REG_D));
  }

  @Test
  void anUpdateIsAnnouncedForTwoMilliseconds() {
    hostMillis.addAndGet(997);
    assertEquals(0, get(REG_A) & UIP);
    hostMillis.addAndGet(1);
    assertEquals(UIP, get(REG_A) & UIP);
    assertEquals(0x58, get(SECONDS));
    hostMillis.addAndGet(2);
    assertEquals(0, get(REG_A) & UIP);
    assertEquals(0x59, get(SECONDS));
  }

  @Test
  void theGuestSetsTheTime() {
    set(REG_B, SET | HOURS_24);
    hostMillis.addAndGet(998);
    assertEquals(0, get(REG_A) & UIP, "held");
    set(MONTH, 0x02); // the 24th of February comes by: later the 28th
    set(DAY_OF_MONTH, 0x28);
    set(CENTURY, 0x19);
    set(YEAR, 0x99);
    set(HOURS, 0x23);
    set(MINUTES, 0x59);
    set(SECONDS, 0x57);
    hostMillis.addAndGet(5_000);
    assertEquals("1999-02-28 23:59:57", shown(), "held");
    set(REG_B, HOURS_24);
    hostMillis.addAndGet(3_000);
    assertEquals("1999-03-01 00:00:00", shown());
  }

  @Test
  void yearAndCenturyHaveTwoDigitsHoweverOftenTheyAreSet() {
    set(REG_B, SET | DM_BINARY);
    for (int i = 0; i < 1000; i++) {
      set(YEAR, 200);
      set(CENTURY, 219);
    }
    assertEquals(19, get(CENTURY));
    assertEquals(0, get(YEAR));
    set(REG_B, DM_BINARY);
    for (int i = 0; i < 1000; i++) { // each counts on by twenty years
      set(MONTH, 255);
      assertTrue(get(CENTURY) < 100);
      assertTrue(get(YEAR) < 100);
    }
  }

  @Test
  void theYearAfter9999IsZero() throws Exception {
    set(REG_B, SET | HOURS_24);
    set(CENTURY, 0x99);
    set(YEAR, 0x99);
    set(MONTH, 0x12);
    set(DAY_OF_MONTH, 0x31);
    set(HOURS, 0x23);
    set(MINUTES, 0x59);
    set(SECONDS, 0x59);
    assertEquals(6, get(DAY_OF_WEEK));
    set(REG_B, HOURS_24);
    set(REG_B, HOURS_24 | UIE);
    hostMillis.addAndGet(1_000);
    assertEquals("000-01-01 00:00:00", shown()); // the century without its leading zero
    assertEquals(7, get(DAY_OF_WEEK));
    interrupts.acquire();
    set(REG_B, SET | HOURS_24);
    set(MONTH, 0x00);
    set(REG_B, HOURS_24);
    assertEquals("9999-12-01 00:00:00", shown(), "before the year 0");
  }

  @Test
  void aMonthThatIsTooShortForTodayIsNoTrap() {
    set(REG_B, SET);
    set(DAY_OF_MONTH, 0x31);
    set(MONTH, 0x01);
    set(REG_B, 0);
    set(REG_B, SET);
    set(MONTH, 0x02);
    set(DAY_OF_MONTH, 0x05);
    set(REG_B, 0);
    assertEquals("2026-02-05 21:27:58", shown());
  }

  @Test
  void ramKeepsWhatIsWritten() {
    set(0x0E, 0x12);
    set(0x7F, 0x34);
    assertEquals(0x12, get(0x0E));
    assertEquals(0x34, get(0x7F));
    clock.write(0, 1, 0x80 | 0x7F); // with the NMI masked
    assertEquals(0x34, clock.read(1, 1));
    assertEquals(0x347F, clock.read(0, 2), "a wide access reaches both ports");
    clock.write(0, 2, 0x560E);
    assertEquals(0x56, get(0x0E));
  }

  @Test
  void statusRegistersAreReadOnly() {
    set(REG_D, 0);
    set(REG_C, 0xFF);
    set(DAY_OF_WEEK, 7);
    assertEquals(VRT, get(REG_D));
    assertEquals(0, get(REG_C));
    assertEquals(3, get(DAY_OF_WEEK));
  }

  @Test
  void anUpdateSetsItsFlagAndReadingClearsIt() {
    assertEquals(0, get(REG_C));
    hostMillis.addAndGet(1_000);
    assertEquals(UF, get(REG_C), "not enabled, so no interrupt");
    assertEquals(0, get(REG_C));
  }

  @Test
  void theAlarmInterruptsInItsSecond() throws Exception {
    hostMillis.addAndGet(1_999); // the timer is set for two milliseconds, again and again
    set(HOURS_ALARM, 0x21);
    set(MINUTES_ALARM, 0x28);
    set(SECONDS_ALARM, 0x00);
    get(REG_C);
    set(REG_B, HOURS_24 | AIE);
    hostMillis.addAndGet(1);
    interrupts.acquire();
    assertEquals(IRQF | AF | UF, get(REG_C));
    assertEquals(0, interrupts.availablePermits());
  }

  @Test
  void enablingTheAlarmThatHasGoneOffInterruptsAtOnce() {
    set(HOURS_ALARM, 0xFF);
    set(MINUTES_ALARM, 0xFF);
    set(SECONDS_ALARM, 0xFF);
    get(REG_C);
    hostMillis.addAndGet(1_000);
    set(REG_B, HOURS_24 | AIE);
    assertEquals(1, interrupts.availablePermits());
    assertEquals(IRQF | AF | UF, get(REG_C));
  }

  @Test
  void anAlarmThatIsSetAnewDoesNotGoOffForThePast() {
    get(REG_C);
    hostMillis.addAndGet(60_000); // 21:28:58
    set(HOURS_ALARM, 0x21);
    set(MINUTES_ALARM, 0x28);
    set(SECONDS_ALARM, 0x10);
    set(REG_B, HOURS_24 | AIE);
    assertEquals(UF, get(REG_C));
  }

  @Test
  void updatesInterruptEachSecond() throws Exception {
    hostMillis.addAndGet(999); // the timer is set for two milliseconds, again and again
    set(REG_B, HOURS_24 | UIE);
    for (int i = 0; i < 3; i++) {
      hostMillis.addAndGet(1_000);
      interrupts.acquire();
      assertEquals(IRQF | UF, get(REG_C));
    }
  }

  @Test
  void settingTheTimeTurnsUpdateInterruptsOff() {
    set(REG_B, HOURS_24 | UIE);
    set(REG_B, HOURS_24 | UIE | SET);
    assertEquals(HOURS_24 | SET, get(REG_B));
  }

  @Test
  void closeForgetsTheTimer() {
    clock.close();
    clock.close();
    loop.close();
    assertTrue(interrupts.availablePermits() == 0);
  }

  @Test
  void anyAccessWhateverIsAnswered() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      int size = 1 << random.nextInt(3);
      if (random.nextBoolean()) {
        clock.write(random.nextInt(2), size, random.nextInt());
      } else {
        int value = clock.read(random.nextInt(2), size);
        assertEquals(0, size > 1 ? value >>> 16 : value >>> 8, "no more than was asked for");
      }
      hostMillis.addAndGet(random.nextInt(100_000));
    }
  }
}
