package io.jvmm.host.internal;

import io.jvmm.abi.Abi;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class SyscallNumberTest {
  @Test
  void numbersAreTheHeaders() throws Exception {
    Abi abi = Abi.of("asm/unistd_64.h");
    for (var field : SyscallNumber.class.getFields()) {
      abi.same("__NR_" + field.getName().toLowerCase(Locale.ROOT), field.getInt(null));
    }
    abi.verify();
  }
}
