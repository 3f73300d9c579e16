package io.jvmm.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.internal.SyscallNumber;
import org.junit.jupiter.api.Test;

class FdTest {
  @Test
  void aClosedOneTellsItsRoleAndNeverItsNumber() {
    Fd fd = MemFd.create("vcpu 3", 0);
    assertTrue(fd.number() >= 0);
    assertEquals("vcpu 3 (fd " + fd.number() + ")", fd.toString());
    assertFalse(fd.isClosed());
    fd.close();
    assertTrue(fd.isClosed());
    IllegalStateException e = assertThrows(IllegalStateException.class, fd::number);
    assertEquals("vcpu 3 is closed", e.getMessage());
  }

  @Test
  void closingTwiceDoesNotCloseWhoeverGotTheNumber() {
    Fd first = MemFd.create("first", 0);
    int number = first.number();
    first.close();
    try (Fd second = MemFd.create("second", 0)) {
      assertEquals(number, second.number(), "Linux gives the lowest free number");
      first.close();
      try (Mapping mapping = Mapping.shared("still open", lengthened(second), 0, 4096)) {
        assertEquals(4096, mapping.length());
      }
    }
  }

  private static Fd lengthened(Fd fd) {
    Syscall.check(
        Syscall.call(CallState.current(), SyscallNumber.FTRUNCATE, fd.number(), 4096, 0),
        "ftruncate",
        fd.role());
    return fd;
  }

  @Test
  void aNegativeNumberIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Fd(-1, "nothing"));
  }
}
