package io.jvmm.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CallStateTest {
  private final CallState state = CallState.current();

  @Test
  void eachThreadHasItsOwn() throws Exception {
    AtomicReference<CallState> other = new AtomicReference<>(state);
    Thread thread = new Thread(() -> other.set(CallState.current()));
    thread.start();
    thread.join();
    assertNotSame(state, other.get());
    assertSame(state, CallState.current());
  }

  @Test
  void aRefusalIsMinusErrno() {
    assertEquals(-Errno.EBADF, Syscall.call(state, SyscallNumber.CLOSE, -1, 0, 0));
    assertEquals(-Errno.ENOSYS, Syscall.call(state, 100_000, 0, 0, 0));
  }

  @Test
  void aPathIsWrittenWithItsEnd() {
    byte[] expected = "/tmp/häuser\0".getBytes(StandardCharsets.UTF_8);
    assertEquals(state.scratch().address(), Syscall.path(state, "open", "/tmp/häuser"));
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], state.scratch().get(ValueLayout.JAVA_BYTE, i));
    }
  }

  @Test
  void aPathThatIsTooLongIsRefusedAsTheKernelWould() {
    String longest = "x".repeat(CallState.PATH_MAX - 1);
    Syscall.path(state, "open", longest);
    SyscallException e =
        assertThrows(SyscallException.class, () -> Syscall.path(state, "open", longest + "x"));
    assertEquals(Errno.ENAMETOOLONG, e.errno());
  }

  @Test
  void aNulInsideAPathDoesNotCutIt() {
    SyscallException e =
        assertThrows(
            SyscallException.class, () -> Syscall.path(state, "open", "/etc/passwd\0.img"));
    assertEquals(Errno.EINVAL, e.errno());
  }
}
