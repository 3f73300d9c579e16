package io.jvmm.devices.rtc;

import static io.jvmm.devices.rtc.RtcRegister.*;

import io.jvmm.devices.PortDevice;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.virtio.Interrupt;
import java.util.function.LongSupplier;

/**
 * An MC146818 as PCs have it, at an index port and a data port: the host's time in UTC, an alarm,
 * and the interrupt after each update. It has no periodic interrupt (Linux makes its own). Time set
 * by the guest lasts as long as the machine.
 *
 * <p>The time registers follow the host's clock; UIP is on for two milliseconds before each second,
 * as on the chip, and a driver that sees it off has those to read all registers.
 *
 * <p>Threads: ports are used by any vCPU thread, under a lock that only those take. The owner
 * closes after they have stopped and before the loop.
 */
public final class CmosClock implements PortDevice, AutoCloseable {
  /** Index, then data. */
  public static final int PORT_COUNT = 2;

  static final long MILLIS_PER_SECOND = 1000;

  private static final int INDEX = 0;
  private static final int DATA = 1;
  private static final int INDEX_MASK = 0x7F; // bit 7 masks the NMI on a PC

  /** 244 us of warning and 1984 us of update, in the unit that the host's clock has. */
  private static final long UPDATE_MILLIS = 2;

  private final LongSupplier epochMillis;
  private final RtcTimer timer;
  private final Object lock = new Object();

  // Guarded by the lock.
  private final byte[] ram = new byte[COUNT];
  private int index;
  private int control = HOURS_24;
  private RtcAlarm alarm = RtcAlarm.NEVER;
  private long offsetMillis;

  /** The time registers while the guest sets them, as it wrote them. */
  private CmosTime held = CmosTime.ofEpochSecond(0);

  /** REG_C as of {@link #settledSecond}; what happened since is found when somebody asks. */
  private int flags;

  private long settledSecond;

  private CmosClock(LongSupplier epochMillis, RtcTimer timer) {
    this.epochMillis = epochMillis;
    this.timer = timer;
    this.ram[REG_A] = REG_A_DEFAULT;
    this.settledSecond = currentSecond();
  }

  /**
   * A clock that shows the host's time.
   *
   * @throws io.jvmm.host.SyscallException where the host has no descriptor left
   */
  public static CmosClock attach(IoLoop loop, Interrupt interrupt) {
    return attach(System::currentTimeMillis, loop, interrupt);
  }

  static CmosClock attach(LongSupplier epochMillis, IoLoop loop, Interrupt interrupt) {
    RtcTimer timer = new RtcTimer(epochMillis, loop, interrupt);
    try {
      timer.begin();
      return new CmosClock(epochMillis, timer);
    } catch (RuntimeException e) {
      timer.close();
      throw e;
    }
  }

  /** Wider accesses reach both ports. */
  @Override
  public int read(int offset, int size) {
    synchronized (lock) {
      int value = readPort(offset);
      return size > 1 ? value | (readPort(offset + 1) << Byte.SIZE) : value;
    }
  }

  @Override
  public void write(int offset, int size, int value) {
    synchronized (lock) {
      writePort(offset, value & 0xFF);
      if (size > 1) {
        writePort(offset + 1, (value >>> Byte.SIZE) & 0xFF);
      }
    }
  }

  private int readPort(int port) {
    return switch (port) {
      case INDEX -> index;
      case DATA -> readRegister() & 0xFF; // what the guest wrote may have three digits
      default -> 0xFF;
    };
  }

  private void writePort(int port, int value) {
    if (port == INDEX) {
      index = value & INDEX_MASK;
    } else if (port == DATA) {
      writeRegister(value);
    }
  }

  private int readRegister() {
    return switch (index) {
      case SECONDS -> encode(now().second());
      case MINUTES -> encode(now().minute());
      case HOURS -> encode(now().hour());
      case DAY_OF_WEEK -> encode(now().weekday());
      case DAY_OF_MONTH -> encode(now().day());
      case MONTH -> encode(now().month());
      case YEAR -> encode(now().year() % 100);
      case CENTURY -> encode(now().year() / 100);
      case REG_A -> (ram[REG_A] & ~UIP) | (updating() ? UIP : 0);
      case REG_B -> control;
      case REG_C -> takeFlags();
      case REG_D -> VRT;
      default -> ram[index] & 0xFF;
    };
  }

  private void writeRegister(int value) {
    switch (index) {
      case SECONDS, MINUTES, HOURS, DAY_OF_MONTH, MONTH, YEAR, CENTURY -> writeTime(decode(value));
      case SECONDS_ALARM, MINUTES_ALARM, HOURS_ALARM -> {
        settle();
        ram[index] = (byte) value;
        reschedule();
      }
      case REG_B -> writeControl(value);
      case DAY_OF_WEEK, REG_C, REG_D -> {
        // The day of the week follows from the date; the others are read only.
      }
      default -> ram[index] = (byte) value;
    }
  }

  private int encode(int value) {
    return (control & DM_BINARY) != 0 ? value : ((value / 10) << 4) | (value % 10);
  }

  private int decode(int value) {
    return (control & DM_BINARY) != 0 ? value : (value >> 4) * 10 + (value & 0xF);
  }

  // The time.

  private boolean held() {
    return (control & SET) != 0;
  }

  private long currentMillis() {
    return epochMillis.getAsLong() + offsetMillis;
  }

  private long currentSecond() {
    return Math.floorDiv(currentMillis(), MILLIS_PER_SECOND);
  }

  private CmosTime now() {
    return held() ? held : CmosTime.ofEpochSecond(currentSecond());
  }

  private boolean updating() {
    long inSecond = Math.floorMod(currentMillis(), MILLIS_PER_SECOND);
    return !held() && inSecond >= MILLIS_PER_SECOND - UPDATE_MILLIS;
  }

  private void writeTime(int value) {
    CmosTime t = now();
    int year = t.year();
    int month = t.month();
    int day = t.day();
    int hour = t.hour();
    int minute = t.minute();
    int second = t.second();
    switch (index) {
      case SECONDS -> second = value;
      case MINUTES -> minute = value;
      case HOURS -> hour = value;
      case DAY_OF_MONTH -> day = value;
      case MONTH -> month = value;
      case YEAR -> year = year / 100 * 100 + value % 100;
      default -> year = value % 100 * 100 + year % 100;
    }
    CmosTime changed = new CmosTime(year, month, day, hour, minute, second);
    if (held()) {
      held = changed;
    } else {
      setTime(changed);
    }
  }

  private void setTime(CmosTime time) {
    settle();
    offsetMillis = time.toEpochSecond() * MILLIS_PER_SECOND - epochMillis.getAsLong();
    settledSecond = currentSecond();
    reschedule();
  }

  // Control and interrupts.

  private void writeControl(int value) {
    settle();
    boolean wasHeld = held();
    CmosTime before = now();
    // Setting the time turns update interrupts off, as on the chip.
    control = ((value & SET) != 0 ? value & ~UIE : value) | HOURS_24;
    if (held()) {
      held = before;
    } else if (wasHeld) {
      setTime(before);
    }
    reschedule();
  }

  private void reschedule() {
    alarm =
        new RtcAlarm(alarmField(HOURS_ALARM), alarmField(MINUTES_ALARM), alarmField(SECONDS_ALARM));
    boolean atAlarm = (control & AIE) != 0;
    boolean eachSecond = (control & UIE) != 0;
    timer.follow(new RtcSchedule(alarm, atAlarm, eachSecond, offsetMillis, currentSecond()));
    if ((flags & control & (AF | UF)) != 0) {
      timer.raise(); // what is enabled has happened already
    }
  }

  private int alarmField(int register) {
    int value = ram[register] & 0xFF;
    return value >= ALARM_ANY ? RtcAlarm.ANY : decode(value);
  }

  /** Finds what has happened up to now. */
  private void settle() {
    long second = currentSecond();
    if (second > settledSecond) {
      flags |= UF;
      if (alarm.nextAfter(settledSecond) <= second) {
        flags |= AF;
      }
    }
    settledSecond = second;
  }

  private int takeFlags() {
    settle();
    int set = flags;
    flags = 0; // reading them is the acknowledgement
    return (set & control & (AF | UF)) != 0 ? set | IRQF : set;
  }

  @Override
  public void close() {
    timer.close();
  }
}
