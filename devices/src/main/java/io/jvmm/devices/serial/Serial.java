package io.jvmm.devices.serial;

import static io.jvmm.devices.serial.SerialRegister.*;

import io.jvmm.devices.PortDevice;
import io.jvmm.host.CallState;
import io.jvmm.virtio.Interrupt;

/**
 * A 16550A: eight ports, FIFOs of 16 bytes, an edge-triggered interrupt.
 *
 * <p>Bytes leave the chip for the output ring at once, so the transmitter is empty again as soon as
 * it is written, unless the ring is full: then THRE stays off until the host has taken some. What
 * comes from the host waits in the input ring, of which the receiver FIFO is the front: nothing is
 * ever overrun, however fast a paste is.
 *
 * <p>The host is a polite sender: it lets bytes through only while the guest raises RTS, or has
 * receive interrupts on where it never raised it. So what was typed or piped before the guest's
 * driver is open is not swallowed by its set-up, which clears the FIFO and reads the buffer empty;
 * and a guest with hardware flow control ({@code stty crtscts}) holds a paste that it is too slow
 * for.
 *
 * <p><b>Edges.</b> The line into the interrupt controller is edge-triggered, and a pulse is sent
 * whenever the chip's output would rise: a condition appears while its interrupt is enabled, an
 * interrupt is enabled while its condition stands, and, because the real output falls and rises
 * again while a driver works a FIFO, each time a FIFO's worth of bytes has gone through. A pulse
 * too many costs the guest one look at IIR; one too few would stall it.
 *
 * <p>Threads: ports are read and written by any vCPU thread, under a lock that only vCPU threads
 * take and that is held for a few instructions. The io thread brings news through volatile fields.
 */
public final class Serial implements PortDevice {
  /** Both FIFOs of a 16550A. */
  static final int FIFO_BYTES = 16;

  private static final int DEFAULT_DIVISOR = 12; // 9600 baud

  private final SerialLine line;
  private final Interrupt interrupt;
  private final Object lock = new Object();

  // Written under the lock. The io thread reads ier alone.
  private volatile int ier;
  private int fcr;
  private int lcr;
  private int mcr;
  private int modemStatus = MSR_CTS | MSR_DSR | MSR_DCD;
  private int lineErrors;

  /** Whether RTS was ever raised outside of loopback, so that its absence means something. */
  private boolean usesRts;

  private int scratch;
  private int divisor = DEFAULT_DIVISOR;

  /** The transmitter became empty, and the guest has neither read that from IIR nor written. */
  private boolean transmitterEmptied;

  private int sentSincePulse;
  private int receivedSincePulse;
  private final LoopbackFifo loopback = new LoopbackFifo();

  /** The io thread has made room in a ring that was full. */
  private volatile boolean roomMade;

  /** A chip at the guest's end of the line. */
  public Serial(SerialLine line, Interrupt interrupt) {
    this.line = line;
    this.interrupt = interrupt;
    line.connect(new News());
  }

  /** What the io thread tells; it takes no lock. */
  private final class News implements SerialLine.Chip {
    @Override
    public void bytesArrived(CallState state) {
      // The bytes were stored before ier is read; writeInterruptEnable does the reverse.
      if ((ier & IER_RDI) != 0) {
        interrupt.raise(state);
      }
    }

    @Override
    public void roomMade(CallState state) {
      roomMade = true;
      if ((ier & IER_THRI) != 0) {
        interrupt.raise(state);
      }
    }
  }

  /** Wider accesses reach as many neighbouring registers, as the bus does. */
  @Override
  public int read(int offset, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= readRegister(offset + i) << (8 * i);
    }
    return value;
  }

  @Override
  public void write(int offset, int size, int value) {
    for (int i = 0; i < size; i++) {
      writeRegister(offset + i, (value >>> (8 * i)) & 0xFF);
    }
  }

  private int readRegister(int register) {
    CallState state = CallState.current();
    boolean pulse = false;
    int value;
    synchronized (lock) {
      switch (register) {
        case RBR_THR_DLL -> {
          if (dlab()) {
            value = divisor & 0xFF;
          } else {
            value = readBuffer(state);
            pulse = pulseAfterRead();
          }
        }
        case IER_DLM -> value = dlab() ? divisor >>> 8 : ier;
        case IIR_FCR -> value = readInterruptIdentification();
        case LCR -> value = lcr;
        case MCR -> value = mcr;
        case LSR -> value = readLineStatus();
        case MSR -> {
          value = modemStatus;
          modemStatus &= ~MSR_DELTAS;
        }
        case SCR -> value = scratch;
        default -> value = 0xFF; // beyond the chip: nobody drives the bus
      }
    }
    if (pulse) {
      interrupt.raise(state);
    }
    return value;
  }

  private void writeRegister(int register, int value) {
    CallState state = CallState.current();
    boolean pulse = false;
    synchronized (lock) {
      switch (register) {
        case RBR_THR_DLL -> {
          if (dlab()) {
            divisor = (divisor & 0xFF00) | value;
          } else {
            pulse = transmit(state, (byte) value);
          }
        }
        case IER_DLM -> {
          if (dlab()) {
            divisor = (divisor & 0xFF) | (value << 8);
          } else {
            pulse = writeInterruptEnable(value);
          }
        }
        case IIR_FCR -> pulse = writeFifoControl(value);
        case LCR -> lcr = value;
        case MCR -> pulse = writeModemControl(value);
        case SCR -> scratch = value;
        default -> {
          // LSR and MSR are not written but for the factory's tests.
        }
      }
    }
    if (pulse) {
      interrupt.raise(state);
    }
  }

  private boolean dlab() {
    return (lcr & LCR_DLAB) != 0;
  }

  private boolean fifoEnabled() {
    return (fcr & FCR_ENABLE) != 0;
  }

  private int fifoDepth() {
    return fifoEnabled() ? FIFO_BYTES : 1;
  }

  private boolean looped() {
    return (mcr & MCR_LOOP) != 0;
  }

  // The receiver.

  private int received() {
    if (!loopback.isEmpty()) {
      return loopback.size();
    }
    boolean listens = (mcr & MCR_RTS) != 0 || (!usesRts && (ier & IER_RDI) != 0);
    return listens && !looped() ? line.received() : 0;
  }

  private int readBuffer(CallState state) {
    if (received() == 0) {
      return 0;
    }
    receivedSincePulse++;
    return (loopback.isEmpty() ? line.receive(state) : loopback.take()) & 0xFF;
  }

  private int trigger() {
    if (!fifoEnabled()) {
      return 1;
    }
    return switch (fcr >> FCR_TRIGGER_SHIFT) {
      case 0 -> 1;
      case 1 -> 4;
      case 2 -> 8;
      default -> 14;
    };
  }

  /**
   * After a read that left bytes behind, the output of a real chip rises again when the FIFO has
   * been emptied and filled anew, and when it fell below its trigger and the time-out came.
   */
  private boolean pulseAfterRead() {
    int left = received();
    if (left == 0 || (ier & IER_RDI) == 0) {
      return false;
    }
    if (receivedSincePulse < fifoDepth() && left != trigger() - 1) {
      return false;
    }
    receivedSincePulse = 0;
    return true;
  }

  private int readLineStatus() {
    int value = lineErrors;
    lineErrors = 0;
    if (received() > 0) {
      value |= LSR_DR;
    }
    if (canTransmit()) {
      value |= LSR_THRE | LSR_TEMT;
    }
    return value;
  }

  // The transmitter.

  private boolean canTransmit() {
    return looped() || line.canSend();
  }

  private boolean transmit(CallState state, byte value) {
    boolean pulse = false;
    if (looped()) {
      if (!loopback.put(value, fifoDepth())) {
        lineErrors |= LSR_OE;
      }
      pulse = (ier & IER_RDI) != 0 || (lineErrors != 0 && (ier & IER_RLSI) != 0);
    } else {
      line.send(state, value);
    }
    // Written: not empty. Gone already, if there is room for more: empty again.
    boolean wasEmptied = transmitterEmptied;
    transmitterEmptied = canTransmit();
    if (!transmitterEmptied || (ier & IER_THRI) == 0) {
      return pulse;
    }
    sentSincePulse++;
    if (wasEmptied && sentSincePulse < fifoDepth()) {
      return pulse; // the pulse for this condition has been sent, and IIR not been read since
    }
    sentSincePulse = 0;
    return true;
  }

  // Interrupts.

  private int pendingInterrupt() {
    if (roomMade) {
      roomMade = false;
      transmitterEmptied = true;
    }
    if ((ier & IER_RLSI) != 0 && lineErrors != 0) {
      return IIR_RLSI;
    }
    if ((ier & IER_RDI) != 0) {
      int count = received();
      if (count > 0) {
        return count >= trigger() ? IIR_RDI : IIR_RX_TIMEOUT;
      }
    }
    if ((ier & IER_THRI) != 0 && transmitterEmptied) {
      return IIR_THRI;
    }
    if ((ier & IER_MSI) != 0 && (modemStatus & MSR_DELTAS) != 0) {
      return IIR_MSI;
    }
    return IIR_NO_INT;
  }

  private int readInterruptIdentification() {
    int source = pendingInterrupt();
    if (source == IIR_THRI) {
      transmitterEmptied = false; // reading it is the acknowledgement
    }
    return source | (fifoEnabled() ? IIR_FIFO_ENABLED : 0);
  }

  private boolean writeInterruptEnable(int value) {
    int before = ier;
    ier = value & IER_MASK;
    if ((ier & ~before & IER_THRI) != 0 && canTransmit()) {
      transmitterEmptied = true; // enabling it while the transmitter is empty is a condition anew
      sentSincePulse = 0;
    }
    receivedSincePulse = 0;
    return pendingInterrupt() != IIR_NO_INT;
  }

  private boolean writeFifoControl(int value) {
    boolean enable = (value & FCR_ENABLE) != 0;
    if (enable != fifoEnabled() || (value & FCR_CLEAR_RCVR) != 0) {
      loopback.clear(); // the input ring is not in the chip but on the wire
    }
    fcr = enable ? value & (FCR_ENABLE | FCR_TRIGGER_MASK) : 0;
    return pendingInterrupt() != IIR_NO_INT;
  }

  private boolean writeModemControl(int value) {
    mcr = value & MCR_MASK;
    usesRts |= !looped() && (mcr & MCR_RTS) != 0;
    int lines = looped() ? loopedModemLines() : MSR_CTS | MSR_DSR | MSR_DCD;
    int changed = (modemStatus ^ lines) & ~MSR_DELTAS;
    int deltas = modemStatus & MSR_DELTAS;
    if ((changed & MSR_CTS) != 0) {
      deltas |= MSR_DCTS;
    }
    if ((changed & MSR_DSR) != 0) {
      deltas |= MSR_DDSR;
    }
    if ((changed & MSR_DCD) != 0) {
      deltas |= MSR_DDCD;
    }
    if ((changed & MSR_RI) != 0 && (lines & MSR_RI) == 0) {
      deltas |= MSR_TERI; // the trailing edge alone
    }
    modemStatus = lines | deltas;
    return pendingInterrupt() != IIR_NO_INT;
  }

  private int loopedModemLines() {
    int lines = 0;
    if ((mcr & MCR_RTS) != 0) {
      lines |= MSR_CTS;
    }
    if ((mcr & MCR_DTR) != 0) {
      lines |= MSR_DSR;
    }
    if ((mcr & MCR_OUT1) != 0) {
      lines |= MSR_RI;
    }
    if ((mcr & MCR_OUT2) != 0) {
      lines |= MSR_DCD;
    }
    return lines;
  }
}
