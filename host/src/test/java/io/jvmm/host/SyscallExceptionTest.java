package io.jvmm.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.file.OpenFile;
import org.junit.jupiter.api.Test;

class SyscallExceptionTest {
  @Test
  void theTextNamesCallObjectAndErrno() {
    SyscallException e = new SyscallException("ioctl(KVM_CREATE_VCPU, 3)", "vm", Errno.EEXIST);
    assertEquals("ioctl(KVM_CREATE_VCPU, 3) on vm: EEXIST (17)", e.getMessage());
    assertEquals("ioctl(KVM_CREATE_VCPU, 3)", e.call());
    assertEquals("vm", e.on());
    assertEquals(17, e.errno());
    assertTrue(e.is(Errno.EEXIST));
    assertFalse(e.is(Errno.ENOENT));
  }

  @Test
  void anErrnoWithoutASymbolIsStillANumber() {
    assertEquals("x on y: errno (4095)", new SyscallException("x", "y", 4095).getMessage());
  }

  @Test
  void everyErrorHasItsOwnNameAsSymbol() throws Exception {
    for (var field : Errno.class.getFields()) {
      assertEquals(field.getName(), Errno.symbol(field.getInt(null)));
    }
  }

  @Test
  void theKernelsAnswerIsWhatIsThrown() {
    SyscallException e =
        assertThrows(SyscallException.class, () -> OpenFile.forReading("/no such/file"));
    assertEquals("open on /no such/file: ENOENT (2)", e.getMessage());
  }

  @Test
  void aResultThatIsNoErrorIsPassedOn() {
    assertEquals(0, Syscall.check(0, "call", "object"));
    assertEquals(Long.MAX_VALUE, Syscall.check(Long.MAX_VALUE, "call", "object"));
    assertThrows(SyscallException.class, () -> Syscall.check(-1, "call", "object"));
  }
}
