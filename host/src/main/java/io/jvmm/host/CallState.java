package io.jvmm.host;

import io.jvmm.host.internal.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * What one thread needs to make system calls: a place where errno is captured, and scratch memory
 * for a path or a small struct.
 *
 * <p>Threads: belongs to the thread that made it. Hot paths hold theirs in a field and pass it on;
 * cold wrappers take {@link #current()}.
 */
public final class CallState {
  /** Linux' PATH_MAX, the final NUL included ({@code linux/limits.h}). */
  public static final int PATH_MAX = 4096;

  private static final ThreadLocal<CallState> CURRENT =
      new ThreadLocal<>() {
        @Override
        protected CallState initialValue() {
          return new CallState();
        }
      };

  private final MemorySegment capture;
  private final MemorySegment scratch;

  /** Memory that is freed when the thread and everything that holds this object are gone. */
  public CallState() {
    Arena arena = Arena.ofAuto();
    this.capture = Libc.allocateCapture(arena);
    this.scratch = arena.allocate(PATH_MAX, Long.BYTES);
  }

  /** The calling thread's own. */
  public static CallState current() {
    return CURRENT.get();
  }

  /**
   * {@value #PATH_MAX} bytes, aligned to eight, overwritten by the next call that takes a path or a
   * struct.
   */
  public MemorySegment scratch() {
    return scratch;
  }

  /**
   * Makes a system call; at most one per line of a wrapper, which names the call in what it throws.
   *
   * @return the kernel's answer, or {@code -errno}
   */
  long syscall(int number, long a, long b, long c, long d, long e, long f) {
    return Libc.syscall(capture, number, a, b, c, d, e, f);
  }

  /**
   * Writes a path, NUL-terminated, into the scratch memory.
   *
   * @return its address, good until the scratch memory is used again
   * @throws SyscallException ENAMETOOLONG or, for a NUL inside, EINVAL, as the kernel would say
   */
  long path(String call, String path) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    if (bytes.length >= PATH_MAX) {
      throw new SyscallException(call, path, Errno.ENAMETOOLONG);
    }
    for (byte b : bytes) {
      if (b == 0) {
        throw new SyscallException(call, path, Errno.EINVAL);
      }
    }
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, scratch, 0, bytes.length);
    scratch.set(ValueLayout.JAVA_BYTE, bytes.length, (byte) 0);
    return scratch.address();
  }
}
