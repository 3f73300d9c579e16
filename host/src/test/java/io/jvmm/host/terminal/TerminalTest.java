package io.jvmm.host.terminal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.NativeLong;
import io.jvmm.host.Errno;
import io.jvmm.host.EventFd;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.LibC;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TerminalTest {
  /** libc's struct termios is longer than the kernel's and begins alike up to c_line. */
  private static final int LIBC_TERMIOS = 60;

  private static byte[] attributes(Pty pty) {
    byte[] termios = new byte[LIBC_TERMIOS];
    assertEquals(0, LibC.CALL.tcgetattr(pty.slave().number(), termios));
    return termios;
  }

  private static int flags(byte[] termios, int offset) {
    return ByteBuffer.wrap(termios).order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
  }

  @Test
  void rawModeTurnsEchoLinesAndSignalsOff() {
    try (Pty pty = Pty.open()) {
      byte[] before = attributes(pty);
      assertTrue((flags(before, Terminal.C_LFLAG) & Terminal.ECHO_ECHONL_ICANON_ISIG_IEXTEN) != 0);
      try (Terminal terminal = Terminal.raw(pty.slave().number())) {
        byte[] raw = attributes(pty);
        assertEquals(0, flags(raw, Terminal.C_LFLAG) & Terminal.ECHO_ECHONL_ICANON_ISIG_IEXTEN);
        assertEquals(0, flags(raw, Terminal.C_IFLAG) & Terminal.INLCR_IGNCR_ICRNL_IXON);
        assertEquals(
            flags(before, Terminal.C_OFLAG), flags(raw, Terminal.C_OFLAG), "output as it was");
        assertEquals(1, raw[Terminal.C_CC + Terminal.VMIN]);
        assertEquals(0, raw[Terminal.C_CC + Terminal.VTIME]);
        assertArrayEquals(
            Arrays.copyOf(before, Terminal.C_CC), Arrays.copyOf(terminal.before(), Terminal.C_CC));
      }
      assertArrayEquals(before, attributes(pty), "restored");
    }
  }

  @Test
  void aKeyIsReadAtOnceAndUnchanged() {
    try (Pty pty = Pty.open();
        Terminal terminal = Terminal.raw(pty.slave().number())) {
      assertTrue(terminal.before().length > 0);
      byte[] keys = {3, '\r', 17, (byte) 0xC3}; // ^C, Enter, ^Q, half a character
      LibC.CALL.write(pty.master().number(), keys, new NativeLong(keys.length));
      byte[] read = new byte[keys.length];
      NativeLong n = LibC.CALL.read(pty.slave().number(), read, new NativeLong(read.length));
      assertEquals(keys.length, n.longValue());
      assertArrayEquals(keys, read);
    }
  }

  @Test
  void closingTwiceRestoresOnce() {
    try (Pty pty = Pty.open()) {
      byte[] before = attributes(pty);
      Terminal first = Terminal.raw(pty.slave().number());
      first.close();
      try (Terminal second = Terminal.raw(pty.slave().number())) {
        byte[] raw = attributes(pty);
        first.close();
        assertArrayEquals(raw, attributes(pty), "the second one's mode stays");
        assertTrue(second.before().length > 0);
      }
      assertArrayEquals(before, attributes(pty));
    }
  }

  @Test
  void aTerminalThatIsGoneIsNoErrorAtTheEnd() {
    Pty pty = Pty.open();
    Terminal terminal = Terminal.raw(pty.slave().number());
    pty.close();
    terminal.close();
  }

  @Test
  void whatIsNoTerminalIsRefused() {
    try (EventFd event = EventFd.create("event");
        Pty pty = Pty.open()) {
      assertFalse(Terminal.isTerminal(event.fd().number()));
      assertTrue(Terminal.isTerminal(pty.slave().number()));
      SyscallException e =
          assertThrows(SyscallException.class, () -> Terminal.raw(event.fd().number()));
      assertTrue(e.is(Errno.ENOTTY));
    }
  }
}
