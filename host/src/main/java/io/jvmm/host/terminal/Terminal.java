package io.jvmm.host.terminal;

import io.jvmm.host.CallState;
import io.jvmm.host.Ioctl;
import io.jvmm.host.Syscall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A terminal in raw mode: every key goes through as it is, nothing is echoed; the old mode comes
 * back on {@link #close()}.
 *
 * <p>Threads: {@code close} may be called by any thread, and more than once.
 */
public final class Terminal implements AutoCloseable {
  static final int TCGETS = 0x5401; // asm-generic/ioctls.h
  static final int TCSETS = 0x5402;

  /** The kernel's {@code struct termios} (not libc's): four u32, c_line, 19 control characters. */
  static final int TERMIOS_SIZE = 36;

  static final int C_IFLAG = 0;
  static final int C_OFLAG = 4;
  static final int C_CFLAG = 8;
  static final int C_LFLAG = 12;
  static final int C_CC = 17;
  static final int VTIME = 5;
  static final int VMIN = 6;

  static final int IGNBRK_BRKINT_PARMRK_ISTRIP = 0x1 | 0x2 | 0x8 | 0x20;
  static final int INLCR_IGNCR_ICRNL_IXON = 0x40 | 0x80 | 0x100 | 0x400;
  static final int ECHO_ECHONL_ICANON_ISIG_IEXTEN = 0x8 | 0x40 | 0x2 | 0x1 | 0x8000;
  static final int CSIZE_PARENB = 0x30 | 0x100;
  static final int CS8 = 0x30;

  private final int fd;
  private final byte[] before;
  private boolean restored;

  private Terminal(int fd, byte[] before) {
    this.fd = fd;
    this.before = before;
  }

  /** Whether the descriptor is a terminal. */
  public static boolean isTerminal(int fd) {
    CallState state = CallState.current();
    return Ioctl.tryCall(state, fd, TCGETS, state.scratch().address()) >= 0;
  }

  /**
   * Puts a terminal into raw mode. Output processing stays on, so that the VMM's own lines still
   * begin at the left edge.
   *
   * @param fd a terminal; it stays the caller's
   * @throws io.jvmm.host.SyscallException ENOTTY where it is none
   */
  public static Terminal raw(int fd) {
    CallState state = CallState.current();
    MemorySegment termios = state.scratch().asSlice(0, TERMIOS_SIZE);
    long result = Ioctl.tryCall(state, fd, TCGETS, termios.address());
    Syscall.check(result, "ioctl(TCGETS)", "fd " + fd);
    byte[] before = termios.toArray(ValueLayout.JAVA_BYTE);
    clear(termios, C_IFLAG, IGNBRK_BRKINT_PARMRK_ISTRIP | INLCR_IGNCR_ICRNL_IXON);
    clear(termios, C_LFLAG, ECHO_ECHONL_ICANON_ISIG_IEXTEN);
    clear(termios, C_CFLAG, CSIZE_PARENB);
    termios.set(ValueLayout.JAVA_INT, C_CFLAG, termios.get(ValueLayout.JAVA_INT, C_CFLAG) | CS8);
    termios.set(ValueLayout.JAVA_BYTE, C_CC + VMIN, (byte) 1);
    termios.set(ValueLayout.JAVA_BYTE, C_CC + VTIME, (byte) 0);
    set(state, fd, termios);
    return new Terminal(fd, before);
  }

  private static void clear(MemorySegment termios, long flags, int bits) {
    termios.set(ValueLayout.JAVA_INT, flags, termios.get(ValueLayout.JAVA_INT, flags) & ~bits);
  }

  private static void set(CallState state, int fd, MemorySegment termios) {
    // At once: how output is processed does not change, so nothing has to drain before, which on a
    // stopped terminal would be never. From a background process group it would stop us: SIGTTOU.
    long result = Ioctl.tryCall(state, fd, TCSETS, termios.address());
    Syscall.check(result, "ioctl(TCSETS)", "fd " + fd);
  }

  /** The mode that {@link #close()} brings back, for tests. */
  byte[] before() {
    return Arrays.copyOf(before, before.length);
  }

  /**
   * Brings the old mode back; a second call does nothing. A terminal that is gone by then is no
   * error.
   */
  @Override
  public synchronized void close() {
    if (restored) {
      return;
    }
    restored = true;
    CallState state = CallState.current();
    MemorySegment termios = state.scratch();
    MemorySegment.copy(before, 0, termios, ValueLayout.JAVA_BYTE, 0, before.length);
    Ioctl.tryCall(state, fd, TCSETS, termios.address());
  }
}
