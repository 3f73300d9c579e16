package io.jvmm.host;

import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A count that threads wait for in the kernel ({@code futex(2)}). One more wakes one of them, where
 * an eventfd wakes all who read it, to let all but one sleep again.
 *
 * <p>Threads: any, each with its own {@link CallState}; the owner closes it when nobody waits.
 */
public final class FutexSemaphore implements AutoCloseable {
  static final int FUTEX_WAIT_PRIVATE = 128; // linux/futex.h
  static final int FUTEX_WAKE_PRIVATE = 129;

  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private final Arena arena = Arena.ofShared();
  private final MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);

  /** A count of zero. */
  public FutexSemaphore() {}

  /** Hot: adds to the count, and wakes as many of those who wait. */
  public void signal(CallState state, int more) {
    int before =
        (int) INT.getAndAdd(count, 0L, more); // what was done before is seen by who takes one
    assert before >= 0;
    Syscall.call(state, SyscallNumber.FUTEX, count.address(), FUTEX_WAKE_PRIVATE, more);
  }

  /** Hot: waits until the count is above zero and takes one of it; EINTR is retried. */
  public void awaitOne(CallState state) {
    while (true) {
      int seen = (int) INT.getVolatile(count, 0L);
      if (seen == 0) {
        // Answers at once where it is zero no more: what is added meanwhile is not missed.
        Syscall.call(state, SyscallNumber.FUTEX, count.address(), FUTEX_WAIT_PRIVATE, 0, 0);
      } else if (INT.compareAndSet(count, 0L, seen, seen - 1)) {
        return;
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
