package io.jvmm.abi;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;

class AbiTest {
  @Test
  void aNumberThatIsWrongIsFoundAndNamed() {
    Abi abi = Abi.of("errno.h").same("EPERM", 1).same("ENOENT", 3);
    AssertionFailedError e = assertThrows(AssertionFailedError.class, abi::verify);
    assertTrue(e.toString().contains("ENOENT is 2, not 3"), e.toString());
    assertTrue(!e.toString().contains("EPERM"), e.toString());
  }
}
