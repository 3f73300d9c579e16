package io.jvmm.devices.serial;

/**
 * Registers of the 16550A and their bits, with the names of its data sheet (PC16550D, table II) and
 * of {@code linux/serial_reg.h}.
 */
final class SerialRegister {
  /** Receiver buffer (read), transmitter holding (write), divisor low with DLAB. */
  static final int RBR_THR_DLL = 0;

  /** Interrupt enable; divisor high with DLAB. */
  static final int IER_DLM = 1;

  /** Interrupt identification (read), FIFO control (write). */
  static final int IIR_FCR = 2;

  static final int LCR = 3;
  static final int MCR = 4;
  static final int LSR = 5;
  static final int MSR = 6;
  static final int SCR = 7;

  static final int IER_RDI = 0x01;
  static final int IER_THRI = 0x02;
  static final int IER_RLSI = 0x04;
  static final int IER_MSI = 0x08;
  static final int IER_MASK = 0x0F;

  static final int IIR_NO_INT = 0x01;
  static final int IIR_MSI = 0x00;
  static final int IIR_THRI = 0x02;
  static final int IIR_RDI = 0x04;
  static final int IIR_RLSI = 0x06;
  static final int IIR_RX_TIMEOUT = 0x0C;
  static final int IIR_FIFO_ENABLED = 0xC0;

  static final int FCR_ENABLE = 0x01;
  static final int FCR_CLEAR_RCVR = 0x02;
  static final int FCR_TRIGGER_SHIFT = 6;
  static final int FCR_TRIGGER_MASK = 0xC0;

  static final int LCR_DLAB = 0x80;

  static final int MCR_DTR = 0x01;
  static final int MCR_RTS = 0x02;
  static final int MCR_OUT1 = 0x04;
  static final int MCR_OUT2 = 0x08;
  static final int MCR_LOOP = 0x10;
  static final int MCR_MASK = 0x1F;

  static final int LSR_DR = 0x01;
  static final int LSR_OE = 0x02;
  static final int LSR_THRE = 0x20;
  static final int LSR_TEMT = 0x40;

  static final int MSR_DCTS = 0x01;
  static final int MSR_DDSR = 0x02;
  static final int MSR_TERI = 0x04;
  static final int MSR_DDCD = 0x08;
  static final int MSR_DELTAS = 0x0F;
  static final int MSR_CTS = 0x10;
  static final int MSR_DSR = 0x20;
  static final int MSR_RI = 0x40;
  static final int MSR_DCD = 0x80;

  private SerialRegister() {}
}
