package io.jvmm.host.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A function of libc that is no system call and takes up to seven longs or pointers. The shape is
 * {@link Libc}'s, which is linked already: a further function costs a look-up. Missing arguments
 * are passed as zeroes, which the callee does not look at.
 *
 * <p>Threads: any; immutable.
 */
public final class LibcFunction {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALL =
      LINKER.downcallHandle(Libc.SHAPE, Linker.Option.captureCallState("errno"));

  private final MemorySegment symbol;

  private LibcFunction(MemorySegment symbol) {
    this.symbol = symbol;
  }

  /**
   * Looks a function up.
   *
   * @throws java.util.NoSuchElementException where this libc has none of that name
   */
  public static LibcFunction find(String name) {
    return new LibcFunction(LINKER.defaultLookup().findOrThrow(name));
  }

  /** Whether this libc has a function. */
  public static boolean exists(String name) {
    return LINKER.defaultLookup().find(name).isPresent();
  }

  /** The address of a variable of libc. */
  public static long variable(String name) {
    return LINKER.defaultLookup().findOrThrow(name).address();
  }

  /** Calls it; what it answers, as an int. For cold paths. */
  public int call(long a, long b, long c, long d, long e, long f) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          (long) CALL.invokeExact(symbol, Libc.allocateCapture(arena), a, b, c, d, e, f, 0L);
    } catch (Throwable impossible) {
      throw new AssertionError("a C function throws nothing", impossible);
    }
  }

  /** The same with three arguments. */
  public int call(long a, long b, long c) {
    return call(a, b, c, 0, 0, 0);
  }
}
