package io.jvmm.host.raw;

import java.lang.foreign.MemorySegment;

/**
 * One segment over all of this process's address space, indexed by host address. It checks nothing:
 * whoever holds it checks every address first. Exported to {@code io.jvmm.memory} alone.
 *
 * <p>A static final segment is the form of access that is fast under both compilers, and it needs
 * no static guest memory, so many machines can live in one JVM.
 */
public final class AddressSpace {
  /** Offset = host address. */
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private AddressSpace() {}
}
