package io.jvmm.host.signal;

import io.jvmm.abi.Abi;
import org.junit.jupiter.api.Test;

class SignalAbiTest {
  @Test
  void signalsAreTheHeaders() throws Exception {
    Abi.of("signal.h")
        .same("SIGURG", ThreadSignals.SIGURG)
        .same("SIG_BLOCK", ThreadSignals.SIG_BLOCK)
        .same("_NSIG / 8", ThreadSignals.KERNEL_SIGSET_BYTES)
        .verify();
  }
}
