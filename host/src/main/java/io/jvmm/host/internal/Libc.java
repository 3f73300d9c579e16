package io.jvmm.host.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The one downcall shape of jvmm: libc's {@code syscall(2)} with six long arguments and errno
 * captured.
 *
 * <p>Linking a shape costs 20 ms at start-up and each further shape 5 ms, so every system call goes
 * through this handle; pointers are passed as longs and the caller keeps what they point at alive.
 * It is an ordinary downcall, never a {@code critical} one, because most system calls can block and
 * a thread inside a critical call holds up the collector.
 */
public final class Libc {
  static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG);

  private static final MethodHandle SYSCALL = link();

  /** The layout that {@link #syscall} captures errno into: four bytes. */
  public static final MemoryLayout CAPTURE_LAYOUT = Linker.Option.captureStateLayout();

  private Libc() {}

  private static MethodHandle link() {
    Linker linker = Linker.nativeLinker();
    MemorySegment symbol = linker.defaultLookup().findOrThrow("syscall");
    return linker.downcallHandle(symbol, SHAPE, Linker.Option.captureCallState("errno"));
  }

  /** A place for errno that lives as long as the given arena. */
  public static MemorySegment allocateCapture(Arena arena) {
    return arena.allocate(CAPTURE_LAYOUT);
  }

  /**
   * Makes system call {@code number}.
   *
   * @param capture from {@link #allocateCapture}; used by one thread at a time
   * @return the kernel's answer, or {@code -errno}
   */
  public static long syscall(
      MemorySegment capture, long number, long a, long b, long c, long d, long e, long f) {
    long result;
    try {
      result = (long) SYSCALL.invokeExact(capture, number, a, b, c, d, e, f);
    } catch (Throwable impossible) {
      throw new AssertionError("syscall is a C function: it throws nothing", impossible);
    }
    return result == -1 ? -(long) capture.get(ValueLayout.JAVA_INT, 0) : result;
  }
}
