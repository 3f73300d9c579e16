package io.jvmm.host.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.abi.Abi;
import io.jvmm.host.Fd;
import io.jvmm.host.SyscallException;
import org.junit.jupiter.api.Test;

/** What we do to a descriptor, JNA sees. */
class FcntlTest {
  private static final int F_GETFD = 1; // fcntl.h
  private static final int FD_CLOEXEC = 1;
  private static final int O_APPEND = 0x400;

  private final int[] ends = new int[2];

  private Fd[] pipe() {
    assertEquals(0, LibC.CALL.pipe(ends));
    return new Fd[] {new Fd(ends[0], "read end"), new Fd(ends[1], "write end")};
  }

  @Test
  void constantsAreTheHeaders() throws Exception {
    Abi abi = Abi.of("fcntl.h");
    for (var field : Fcntl.class.getFields()) {
      abi.same(field.getName(), field.getInt(null));
    }
    abi.verify();
  }

  @Test
  void aCopyIsClosedOnExecAndSharesHowItWasOpened() {
    Fd[] pipe = pipe();
    try (Fd readEnd = pipe[0];
        Fd writeEnd = pipe[1];
        Fd copy = Fcntl.copy(writeEnd.number(), "copy")) {
      assertEquals("copy", copy.role());
      assertEquals(FD_CLOEXEC, LibC.CALL.fcntl(copy.number(), F_GETFD, 0));
      assertEquals(0, LibC.CALL.fcntl(writeEnd.number(), F_GETFD, 0));
      assertEquals(Fcntl.O_WRONLY, Fcntl.flags(copy.number(), "copy") & Fcntl.O_ACCMODE);
      assertEquals(Fcntl.O_RDONLY, Fcntl.flags(readEnd.number(), "end") & Fcntl.O_ACCMODE);
      Fcntl.setNonBlocking(copy);
      assertEquals(
          Fcntl.O_NONBLOCK,
          LibC.CALL.fcntl(writeEnd.number(), Fcntl.F_GETFL, 0) & Fcntl.O_NONBLOCK);
    }
  }

  @Test
  void aCopyHasAHighNumberWhereOneIsAskedFor() {
    Fd[] pipe = pipe();
    try (Fd readEnd = pipe[0];
        Fd writeEnd = pipe[1];
        Fd copy = Fcntl.copyFrom(200, readEnd.number(), "copy")) {
      assertTrue(copy.number() >= 200, copy::toString);
      assertTrue(writeEnd.number() < 200, writeEnd::toString);
      assertEquals(FD_CLOEXEC, LibC.CALL.fcntl(copy.number(), F_GETFD, 0));
    }
  }

  @Test
  void whatWasSetBeforeStaysWhereNothingIsToWaitAnyMore() {
    Fd[] pipe = pipe();
    try (Fd readEnd = pipe[0];
        Fd writeEnd = pipe[1]) {
      int settable = O_APPEND | Fcntl.O_NONBLOCK;
      Fcntl.setFlags(writeEnd, O_APPEND);
      Fcntl.setNonBlocking(writeEnd);
      assertEquals(settable, Fcntl.flags(writeEnd.number(), "end") & settable);
      Fcntl.setFlags(writeEnd, 0);
      assertEquals(0, Fcntl.flags(writeEnd.number(), "end") & settable);
      assertEquals(0, Fcntl.flags(readEnd.number(), "end") & settable);
    }
  }

  @Test
  void whatIsNotOpenIsNamed() {
    assertRefused("fcntl(F_DUPFD_CLOEXEC)", () -> Fcntl.copy(-1, "nothing"));
    assertRefused("fcntl(F_GETFL)", () -> Fcntl.flags(-1, "nothing"));
  }

  private static void assertRefused(String call, Runnable attempt) {
    SyscallException e = assertThrows(SyscallException.class, attempt::run);
    assertEquals(call + " on nothing: EBADF (9)", e.getMessage());
  }
}
