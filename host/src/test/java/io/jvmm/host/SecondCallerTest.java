package io.jvmm.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.NativeLong;
import io.jvmm.host.internal.LibC;
import io.jvmm.host.internal.SyscallNumber;
import io.jvmm.host.signal.ThreadSignals;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** What we do, JNA sees, and the other way round. */
class SecondCallerTest {
  private static final int F_GETFD = 1; // fcntl.h
  private static final int FD_CLOEXEC = 1;
  private static final int SIG_BLOCK = 0; // signal.h
  private static final int LIBC_SIGSET_BYTES = 128;

  @Test
  void bothAreTheSameProcessAndThread() {
    long pid = Syscall.call(CallState.current(), SyscallNumber.GETPID, 0, 0, 0);
    assertEquals(LibC.CALL.getpid(), pid);
    assertEquals(LibC.CALL.gettid(), ThreadSignals.threadId());
  }

  @Test
  void anEventFdOfOursIsReadByJna() {
    try (EventFd event = EventFd.create("event")) {
      event.signal(CallState.current());
      event.signal(CallState.current());
      byte[] count = new byte[Long.BYTES];
      NativeLong n = LibC.CALL.read(event.fd().number(), count, new NativeLong(Long.BYTES));
      assertEquals(Long.BYTES, n.longValue());
      assertEquals(2, ByteBuffer.wrap(count).order(ByteOrder.LITTLE_ENDIAN).getLong());
    }
  }

  @Test
  void whatJnaWritesIsDrained() {
    try (EventFd event = EventFd.create("event")) {
      byte[] three = {3, 0, 0, 0, 0, 0, 0, 0};
      LibC.CALL.write(event.fd().number(), three, new NativeLong(Long.BYTES));
      assertEquals(3, event.drain(CallState.current()));
    }
  }

  @Test
  void aClosedDescriptorIsClosedForJnaToo() {
    EventFd event = EventFd.create("event");
    int number = event.fd().number();
    assertEquals(FD_CLOEXEC, LibC.CALL.fcntl(number, F_GETFD, 0), "closed on exec");
    event.close();
    assertEquals(-1, LibC.CALL.fcntl(number, F_GETFD, 0));
  }

  @Test
  void aSignalThatWeBlockIsBlockedForJna() throws Exception {
    boolean[] seen = new boolean[2];
    Thread thread =
        new Thread(
            () -> {
              seen[0] = jnaSeesBlocked();
              ThreadSignals.block(ThreadSignals.SIGURG);
              seen[1] = jnaSeesBlocked();
            });
    thread.start();
    thread.join();
    assertFalse(seen[0]);
    assertTrue(seen[1]);
  }

  private static boolean jnaSeesBlocked() {
    byte[] old = new byte[LIBC_SIGSET_BYTES];
    LibC.CALL.pthread_sigmask(SIG_BLOCK, new byte[LIBC_SIGSET_BYTES], old);
    int bit = ThreadSignals.SIGURG - 1;
    return (old[bit / 8] & 1 << (bit % 8)) != 0;
  }
}
