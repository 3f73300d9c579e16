package io.jvmm.host.terminal;

import io.jvmm.abi.Abi;
import org.junit.jupiter.api.Test;

class TerminalAbiTest {
  @Test
  void termiosIsTheKernels() throws Exception {
    Abi.of("asm/termbits.h", "asm-generic/ioctls.h")
        .same("TCGETS", Terminal.TCGETS)
        .same("TCSETS", Terminal.TCSETS)
        .same("sizeof(struct termios)", Terminal.TERMIOS_SIZE)
        .same("offsetof(struct termios, c_iflag)", Terminal.C_IFLAG)
        .same("offsetof(struct termios, c_oflag)", Terminal.C_OFLAG)
        .same("offsetof(struct termios, c_cflag)", Terminal.C_CFLAG)
        .same("offsetof(struct termios, c_lflag)", Terminal.C_LFLAG)
        .same("offsetof(struct termios, c_cc)", Terminal.C_CC)
        .same("VTIME", Terminal.VTIME)
        .same("VMIN", Terminal.VMIN)
        .same("IGNBRK | BRKINT | PARMRK | ISTRIP", Terminal.IGNBRK_BRKINT_PARMRK_ISTRIP)
        .same("INLCR | IGNCR | ICRNL | IXON", Terminal.INLCR_IGNCR_ICRNL_IXON)
        .same("ECHO | ECHONL | ICANON | ISIG | IEXTEN", Terminal.ECHO_ECHONL_ICANON_ISIG_IEXTEN)
        .same("CSIZE | PARENB", Terminal.CSIZE_PARENB)
        .same("CS8", Terminal.CS8)
        .verify();
  }
}
