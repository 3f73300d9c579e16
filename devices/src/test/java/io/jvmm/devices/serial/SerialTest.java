package io.jvmm.devices.serial;

import static io.jvmm.devices.serial.SerialRegister.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.epoll.Epoll;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The chip, with the test as driver at one end and as console at the other. */
class SerialTest {
  private final CallState state = CallState.current();
  private final SerialLine line = SerialLine.open("test line");
  private int pulses;
  private final Serial serial = new Serial(line, s -> pulses++);

  @AfterEach
  void close() {
    line.close();
  }

  private int in(int register) {
    return serial.read(register, 1);
  }

  private void out(int register, int value) {
    serial.write(register, 1, value);
  }

  private void send(String text) {
    for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
      out(RBR_THR_DLL, b);
    }
  }

  /** The console takes what the guest has sent. */
  private String taken() {
    byte[] bytes = new byte[line.output().available()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = line.output().peek(i);
    }
    line.taken(state, bytes.length);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** The console delivers. */
  private void type(String text) {
    for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
      line.deliver(b);
    }
    line.delivered(state);
  }

  private int pulsesOf(Runnable action) {
    int before = pulses;
    action.run();
    return pulses - before;
  }

  private void enableFifo(int trigger) {
    out(IIR_FCR, FCR_ENABLE | trigger << FCR_TRIGGER_SHIFT);
  }

  @Test
  void afterResetItIsIdle() {
    assertEquals(0, in(IER_DLM));
    assertEquals(IIR_NO_INT, in(IIR_FCR));
    assertEquals(0, in(LCR));
    assertEquals(0, in(MCR));
    assertEquals(LSR_THRE | LSR_TEMT, in(LSR));
    assertEquals(MSR_CTS | MSR_DSR | MSR_DCD, in(MSR));
    assertEquals(0, in(RBR_THR_DLL));
    assertEquals(0, pulses);
  }

  @Test
  void registersKeepTheBitsTheyHave() {
    out(IER_DLM, 0xFF);
    assertEquals(0x0F, in(IER_DLM));
    out(MCR, 0xFF);
    assertEquals(0x1F, in(MCR));
    out(LCR, 0x7F);
    assertEquals(0x7F, in(LCR));
    out(SCR, 0xA5);
    assertEquals(0xA5, in(SCR));
    out(LSR, 0);
    assertEquals(LSR_THRE | LSR_TEMT, in(LSR), "read only");
  }

  @Test
  void theDivisorHidesBehindDlab() {
    out(LCR, LCR_DLAB | 3);
    out(RBR_THR_DLL, 0x34);
    out(IER_DLM, 0x12);
    assertEquals(0x34, in(RBR_THR_DLL));
    assertEquals(0x12, in(IER_DLM));
    out(LCR, 3);
    assertEquals(0, in(IER_DLM));
    assertEquals("", taken(), "nothing was sent");
  }

  @Test
  void whatIsSentArrivesInOrder() {
    send("Linux version");
    assertEquals("Linux version", taken());
    assertEquals(0, pulses);
    assertEquals(0, line.droppedBytes());
  }

  @Test
  void theEndOfALineRingsTheIoThread() {
    send("a");
    send("b\n");
    awaitBell();
    line.answer(state);
    send("c\n");
    awaitBell();
    assertEquals("ab\nc\n", taken());
  }

  @Test
  void aLineWithoutAnEndRingsTheIoThreadSoon() {
    send("login: ");
    awaitBell();
    line.answer(state);
    send("x");
    awaitBell();
  }

  private void awaitBell() {
    try (Epoll epoll = Epoll.create("test", 1)) {
      epoll.add(line.doorbell().fd(), Epoll.EPOLLIN, 0);
      assertEquals(1, epoll.await(state, -1));
    }
  }

  @Test
  void wideAccessesReachNeighbours() {
    serial.write(LCR, 4, 0x5A_00_08_03); // LCR, MCR, LSR, MSR
    assertEquals(3, in(LCR));
    assertEquals(8, in(MCR));
    assertEquals(
        0x08_03 | (LSR_THRE | LSR_TEMT) << 16,
        serial.read(LCR, 4) & 0xFF_FFFF,
        "three of four registers");
    assertEquals(0xFF00, serial.read(SCR, 2), "beyond the chip");
  }

  // What Linux does to find out what it has (8250_port.c, autoconfig).

  @Test
  void linuxRecognisesA16550A() {
    out(IER_DLM, 0);
    assertEquals(0, in(IER_DLM) & 0x0F);
    out(IER_DLM, 0x0F);
    assertEquals(0x0F, in(IER_DLM) & 0x0F);
    out(IER_DLM, 0);

    out(MCR, MCR_LOOP | MCR_OUT2 | MCR_RTS);
    assertEquals(MSR_DCD | MSR_CTS, in(MSR) & 0xF0, "loopback");
    out(MCR, 0);

    out(LCR, 0xBF); // an EFR would be here
    out(IIR_FCR, 0);
    out(LCR, 0);
    out(IIR_FCR, FCR_ENABLE);
    assertEquals(3, in(IIR_FCR) >> 6, "a working FIFO");
    out(LCR, LCR_DLAB);
    assertTrue(in(IIR_FCR) != 0, "no 16650's EFR");
    out(LCR, 0xBF);
    assertTrue(in(IIR_FCR) != 0, "no 16650V2's");
    out(LCR, 0);
    out(IIR_FCR, FCR_ENABLE | 0x20);
    int plain = in(IIR_FCR) >> 5;
    out(LCR, LCR_DLAB);
    out(IIR_FCR, FCR_ENABLE | 0x20);
    assertEquals(6, plain);
    assertEquals(6, in(IIR_FCR) >> 5, "no 16750's 64 bytes");
    out(LCR, 0);
    out(IER_DLM, 0x40);
    assertEquals(0, in(IER_DLM), "no XScale's UUE");
  }

  @Test
  void theThreInterruptIsReassertedEachTimeItIsEnabled() { // serial8250_THRE_test
    assertEquals(1, pulsesOf(() -> out(IER_DLM, IER_THRI)));
    assertEquals(IIR_THRI, in(IIR_FCR));
    out(IER_DLM, 0);
    assertEquals(1, pulsesOf(() -> out(IER_DLM, IER_THRI)));
    assertEquals(IIR_THRI, in(IIR_FCR));
  }

  // The transmitter's interrupt.

  @Test
  void readingIirAcknowledgesThre() {
    out(IER_DLM, IER_THRI);
    assertEquals(IIR_THRI, in(IIR_FCR));
    assertEquals(IIR_NO_INT, in(IIR_FCR));
  }

  @Test
  void writingAfterThatIsANewCondition() {
    out(IER_DLM, IER_THRI);
    in(IIR_FCR);
    assertEquals(1, pulsesOf(() -> send("x")));
    assertEquals(IIR_THRI, in(IIR_FCR));
  }

  @Test
  void aBurstIntoTheFifoIsOnePulse() {
    enableFifo(2);
    out(IER_DLM, IER_THRI);
    in(IIR_FCR);
    assertEquals(1, pulsesOf(() -> send("0123456789abcdef")));
  }

  @Test
  void aDriverThatNeverReadsIirGetsAPulseForEachFifoFull() {
    enableFifo(2);
    out(IER_DLM, IER_THRI);
    assertEquals(2, pulsesOf(() -> send("0123456789abcdef0123456789abcdef")));
    out(IIR_FCR, 0); // no FIFO: one byte fills it
    assertEquals(3, pulsesOf(() -> send("abc")));
  }

  @Test
  void withoutThriSendingIsSilent() {
    out(IER_DLM, IER_RDI | IER_RLSI);
    assertEquals(0, pulsesOf(() -> send("quiet")));
    assertEquals(IIR_NO_INT, in(IIR_FCR));
  }

  @Test
  void aFullRingTakesThreAwayAndRoomBringsItBackWithAPulse() {
    out(IER_DLM, IER_THRI);
    for (int i = 0; i < SerialLine.OUTPUT_BYTES - Serial.FIFO_BYTES + 1; i++) {
      assertEquals(LSR_THRE | LSR_TEMT, in(LSR));
      send("x");
    }
    assertEquals(0, in(LSR));
    in(IIR_FCR);
    assertEquals(IIR_NO_INT, in(IIR_FCR));
    assertEquals(1, pulsesOf(this::taken));
    assertEquals(IIR_THRI, in(IIR_FCR));
    assertEquals(LSR_THRE | LSR_TEMT, in(LSR));
    assertEquals(0, line.droppedBytes(), "a guest that looks loses nothing");
  }

  @Test
  void enablingThriWhileTheRingIsFullWaitsForRoom() {
    send("x".repeat(SerialLine.OUTPUT_BYTES));
    assertEquals(0, pulsesOf(() -> out(IER_DLM, IER_THRI)));
    assertEquals(IIR_NO_INT, in(IIR_FCR));
    assertEquals(1, pulsesOf(this::taken));
    assertEquals(IIR_THRI, in(IIR_FCR));
  }

  @Test
  void bytesBeyondTheRingAreDroppedAndCounted() {
    send("x".repeat(SerialLine.OUTPUT_BYTES + 5));
    assertEquals(5, line.droppedBytes());
    assertEquals(SerialLine.OUTPUT_BYTES, taken().length());
  }

  // The receiver.

  @Test
  void aTypedKeyInterrupts() {
    out(IER_DLM, IER_RDI);
    assertEquals(1, pulsesOf(() -> type("k")));
    assertEquals(IIR_RDI, in(IIR_FCR));
    assertEquals(LSR_DR, in(LSR) & LSR_DR);
    assertEquals('k', in(RBR_THR_DLL));
    assertEquals(0, in(LSR) & LSR_DR);
    assertEquals(IIR_NO_INT, in(IIR_FCR));
  }

  @Test
  void belowTheTriggerItIsATimeOut() {
    enableFifo(2); // eight bytes
    out(IER_DLM, IER_RDI);
    type("1234567");
    assertEquals(IIR_RX_TIMEOUT | IIR_FIFO_ENABLED, in(IIR_FCR));
    type("8");
    assertEquals(IIR_RDI | IIR_FIFO_ENABLED, in(IIR_FCR));
    assertEquals(1, pulsesOf(() -> in(RBR_THR_DLL)), "fell below the trigger: the time-out");
    assertEquals(0, pulsesOf(() -> in(RBR_THR_DLL)));
    assertEquals(IIR_RX_TIMEOUT | IIR_FIFO_ENABLED, in(IIR_FCR));
  }

  @Test
  void everyTriggerLevelIsKnown() {
    out(IER_DLM, IER_RDI);
    int[] levels = {1, 4, 8, 14};
    String typed = "";
    for (int i = 0; i < levels.length; i++) {
      enableFifo(i);
      type("x".repeat(levels[i] - typed.length()));
      typed = "x".repeat(levels[i]);
      assertEquals(IIR_RDI | IIR_FIFO_ENABLED, in(IIR_FCR), "level " + levels[i]);
    }
  }

  @Test
  void aLongPasteIsPulsedAnewForEachFifoFull() {
    enableFifo(2);
    out(IER_DLM, IER_RDI);
    type("x".repeat(40));
    assertEquals(
        2,
        pulsesOf(
            () -> {
              for (int i = 0; i < 32; i++) {
                in(RBR_THR_DLL);
              }
            }));
  }

  @Test
  void withoutAFifoEachByteLeftBehindIsAPulse() {
    out(IER_DLM, IER_RDI);
    type("abc");
    assertEquals(1, pulsesOf(() -> assertEquals('a', in(RBR_THR_DLL))));
    assertEquals(1, pulsesOf(() -> assertEquals('b', in(RBR_THR_DLL))));
    assertEquals(0, pulsesOf(() -> assertEquals('c', in(RBR_THR_DLL))));
  }

  @Test
  void enablingRdiWithBytesWaitingPulses() {
    type("early");
    assertEquals(0, pulses);
    assertEquals(1, pulsesOf(() -> out(IER_DLM, IER_RDI)));
    assertEquals(IIR_RDI, in(IIR_FCR));
  }

  @Test
  void aDriversSetUpSwallowsNothing() { // serial8250_do_startup
    type("piped");
    out(IIR_FCR, FCR_ENABLE);
    out(IIR_FCR, FCR_ENABLE | FCR_CLEAR_RCVR | 0x04);
    out(IIR_FCR, 0);
    in(LSR);
    in(RBR_THR_DLL);
    in(IIR_FCR);
    in(MSR);
    assertEquals(0, in(LSR) & LSR_DR, "held back");
    out(IER_DLM, IER_RDI | IER_RLSI);
    StringBuilder read = new StringBuilder();
    while ((in(LSR) & LSR_DR) != 0) {
      read.append((char) in(RBR_THR_DLL));
    }
    assertEquals("piped", read.toString());
  }

  @Test
  void aPollingGuestRaisesRts() {
    type("k");
    assertEquals(0, in(LSR) & LSR_DR);
    out(MCR, MCR_DTR | MCR_RTS);
    assertEquals(LSR_DR, in(LSR) & LSR_DR);
    assertEquals('k', in(RBR_THR_DLL));
  }

  @Test
  void loweringRtsHoldsInputAndRaisingItPulses() { // stty crtscts, and a reader who is slow
    out(MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
    out(IER_DLM, IER_RDI);
    type("abc");
    assertEquals('a', in(RBR_THR_DLL));
    out(MCR, MCR_DTR | MCR_OUT2);
    assertEquals(0, in(LSR) & LSR_DR);
    assertEquals(IIR_NO_INT, in(IIR_FCR));
    assertEquals(1, pulsesOf(() -> out(MCR, MCR_DTR | MCR_RTS | MCR_OUT2)));
    assertEquals('b', in(RBR_THR_DLL));
  }

  @Test
  void aWaitingConsoleIsRungWhenHalfIsRead() {
    out(IER_DLM, IER_RDI);
    type("x".repeat(SerialLine.INPUT_BYTES));
    assertEquals(0, line.inputRoom());
    for (int i = 0; i < SerialLine.INPUT_BYTES / 2 - 1; i++) {
      in(RBR_THR_DLL);
    }
    assertFalse(line.doorbell().drain(state));
    in(RBR_THR_DLL);
    awaitBell();
    assertEquals(SerialLine.INPUT_BYTES / 2, line.inputRoom());
  }

  // Loopback.

  @Test
  void loopbackReturnsWhatIsSentAndKeepsTheWireOutOfIt() {
    out(IER_DLM, IER_RDI);
    out(MCR, MCR_LOOP);
    type("wire");
    assertEquals(1, pulsesOf(() -> send("L")));
    assertEquals(IIR_RDI, in(IIR_FCR));
    assertEquals('L', in(RBR_THR_DLL));
    assertEquals(0, in(LSR) & LSR_DR);
    assertEquals("", taken());
    assertEquals(1, pulsesOf(() -> out(MCR, 0)), "the wire's bytes are there now");
    assertEquals('w', in(RBR_THR_DLL));
  }

  @Test
  void loopbackOverrunIsALineStatusThatReadingClears() {
    out(IER_DLM, IER_RLSI | IER_RDI);
    out(MCR, MCR_LOOP);
    send("ab");
    assertEquals(IIR_RLSI, in(IIR_FCR), "before received data");
    assertEquals(LSR_OE | LSR_DR, in(LSR) & (LSR_OE | LSR_DR));
    assertEquals(LSR_DR, in(LSR) & (LSR_OE | LSR_DR));
    assertEquals(IIR_RDI, in(IIR_FCR));
    assertEquals('a', in(RBR_THR_DLL));
  }

  @Test
  void theLoopbackFifoHoldsSixteenAndIsClearedOnDemand() {
    enableFifo(0);
    out(MCR, MCR_LOOP);
    send("0123456789abcdefX");
    assertEquals(LSR_OE, in(LSR) & LSR_OE);
    assertEquals('0', in(RBR_THR_DLL));
    out(IIR_FCR, FCR_ENABLE | FCR_CLEAR_RCVR);
    assertEquals(0, in(LSR) & LSR_DR);
    send("y");
    assertEquals('y', in(RBR_THR_DLL));
  }

  @Test
  void modemLinesFollowTheControlRegisterInLoopback() {
    out(MCR, MCR_LOOP);
    in(MSR);
    out(IER_DLM, IER_MSI);
    assertEquals(1, pulsesOf(() -> out(MCR, MCR_LOOP | MCR_DTR | MCR_OUT1)));
    assertEquals(IIR_MSI, in(IIR_FCR));
    assertEquals(MSR_DSR | MSR_RI | MSR_DDSR, in(MSR));
    assertEquals(IIR_NO_INT, in(IIR_FCR));
    out(MCR, MCR_LOOP | MCR_RTS | MCR_OUT2);
    assertEquals(MSR_CTS | MSR_DCD | MSR_DCTS | MSR_DDSR | MSR_DDCD | MSR_TERI, in(MSR));
  }

  // Priorities.

  @Test
  void interruptsAreToldInTheOrderOfTheirPriority() {
    out(MCR, MCR_LOOP);
    in(MSR);
    out(IER_DLM, IER_MASK);
    send("ab"); // data, an overrun, and an empty transmitter
    out(MCR, MCR_LOOP | MCR_RTS); // a modem line
    assertEquals(IIR_RLSI, in(IIR_FCR));
    in(LSR);
    assertEquals(IIR_RDI, in(IIR_FCR));
    in(RBR_THR_DLL);
    assertEquals(IIR_THRI, in(IIR_FCR));
    assertEquals(IIR_MSI, in(IIR_FCR));
    in(MSR);
    assertEquals(IIR_NO_INT, in(IIR_FCR));
  }

  @Test
  void aHigherInterruptDoesNotAcknowledgeThre() {
    out(IER_DLM, IER_THRI | IER_RDI);
    type("k");
    assertEquals(IIR_RDI, in(IIR_FCR));
    in(RBR_THR_DLL);
    assertEquals(IIR_THRI, in(IIR_FCR));
  }

  @Test
  void anyAccessWhateverIsAnswered() {
    Random random = new Random(42);
    for (int i = 0; i < 20_000; i++) {
      int size = 1 << random.nextInt(3);
      int offset = random.nextInt(8);
      if (random.nextBoolean()) {
        serial.write(offset, size, random.nextInt());
      } else {
        serial.read(offset, size);
      }
      if (line.output().free() == 0) {
        taken();
      }
      if (line.inputRoom() > 0) {
        type("t");
      }
    }
    assertFalse(line.output().available() > SerialLine.OUTPUT_BYTES);
  }
}
