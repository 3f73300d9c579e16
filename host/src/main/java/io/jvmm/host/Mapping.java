package io.jvmm.host;

import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A range of this process's address space made by {@code mmap(2)}, unmapped once by its owner.
 *
 * <p>Threads: any thread may use the segment; the owner closes after every thread that holds the
 * raw {@link #address()} has stopped. The segment itself is safe: after the close it throws.
 */
public final class Mapping implements AutoCloseable {
  static final int PROT_READ = 0x1; // sys/mman.h
  static final int PROT_READ_WRITE = 0x1 | 0x2;
  static final int MAP_SHARED = 0x01;
  static final int MAP_PRIVATE = 0x02;
  static final int MAP_FIXED = 0x10;
  static final int MAP_ANONYMOUS = 0x20;
  static final int MADV_DONTNEED = 4;
  static final int MADV_REMOVE = 9;
  static final int MADV_DONTDUMP = 16;
  static final int MAP_NORESERVE = 0x4000;

  /** The page size of x86-64. */
  public static final int PAGE_SIZE = 4096;

  private final String role;
  private final Arena arena;
  private final MemorySegment segment;
  private final long length;
  private final boolean shared;
  private boolean closed;

  private Mapping(String role, long address, long length, boolean shared) {
    this.role = role;
    this.length = length;
    this.shared = shared;
    this.arena = Arena.ofShared();
    this.segment = MemorySegment.ofAddress(address).reinterpret(length, arena, null);
  }

  /**
   * Private zero pages, with no swap reserved: only what is touched costs memory.
   *
   * @param length in bytes, greater than zero; rounded up to pages by the kernel
   * @throws SyscallException ENOMEM where the address space or an overcommit limit has no room
   */
  public static Mapping anonymous(String role, long length) {
    return map(role, length, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }

  /** A file's pages, shared with everyone who maps it. */
  public static Mapping shared(String role, Fd file, long offset, long length) {
    return map(role, length, MAP_SHARED | MAP_NORESERVE, file.number(), offset);
  }

  /**
   * A file's pages from its beginning, shared with everyone who maps it, to be read only; behind
   * them zero pages. Where somebody cuts the file afterwards, an access beyond its end is a SIGBUS:
   * only for those who read it through the kernel.
   *
   * @param fileLength how much of the file, at most {@code length}; greater than zero
   * @param length of the mapping, greater than zero
   */
  public static Mapping readOnly(String role, Fd file, long fileLength, long length) {
    int tail = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    Mapping mapping = map(role, length, PROT_READ, tail, -1, 0);
    try {
      mapping.replace(0, fileLength, PROT_READ, MAP_SHARED | MAP_NORESERVE, file, 0);
      return mapping;
    } catch (RuntimeException e) {
      mapping.close();
      throw e;
    }
  }

  private static Mapping map(String role, long length, int flags, int fd, long offset) {
    return map(role, length, PROT_READ_WRITE, flags, fd, offset);
  }

  private static Mapping map(
      String role, long length, int protection, int flags, int fd, long offset) {
    long address =
        Syscall.call(
            CallState.current(), SyscallNumber.MMAP, 0, length, protection, flags, fd, offset);
    Syscall.check(address, "mmap(" + length + " bytes)", role);
    return new Mapping(role, address, length, (flags & MAP_SHARED) != 0);
  }

  /**
   * Replaces a page-aligned part of this mapping by a private, copy-on-write view of a file, which
   * must not be rewritten or cut while the mapping lives.
   *
   * @throws IllegalArgumentException where a number is not page-aligned or the part is not inside
   *     the mapping
   */
  public void overlayPrivate(long at, Fd file, long offset, long partLength) {
    if (((at | offset | partLength) & (PAGE_SIZE - 1)) != 0
        || at < 0
        || partLength <= 0
        || partLength > length
        || at > length - partLength) {
      throw new IllegalArgumentException(
          "overlay of " + partLength + " bytes at " + at + " does not fit " + role);
    }
    replace(at, partLength, PROT_READ_WRITE, MAP_PRIVATE | MAP_NORESERVE, file, offset);
  }

  private void replace(long at, long partLength, int protection, int flags, Fd file, long offset) {
    long result =
        Syscall.call(
            CallState.current(),
            SyscallNumber.MMAP,
            address() + at,
            partLength,
            protection,
            flags | MAP_FIXED,
            file.number(),
            offset);
    Syscall.check(result, "mmap(" + file.role() + ")", role);
  }

  /**
   * Hot: gives pages back to the host; the next access finds zeroes, or what the file has where one
   * was laid over. Of a shared mapping the file's pages go, for everyone who maps it.
   *
   * @param at from the beginning of the mapping; the range has to be inside and page-aligned
   * @return 0 or {@code -errno}
   */
  public long tryRelease(CallState state, long at, long partLength) {
    long from = address() + at;
    if (shared) {
      long removed = Syscall.call(state, SyscallNumber.MADVISE, from, partLength, MADV_REMOVE);
      if (removed == 0) {
        return 0;
      } // else a private part is laid over it
    }
    return Syscall.call(state, SyscallNumber.MADVISE, from, partLength, MADV_DONTNEED);
  }

  /**
   * Leaves it out of core dumps, which also keeps it apart from neighbours in {@code
   * /proc/PID/smaps}.
   */
  public void excludeFromCoreDumps() {
    long result =
        Syscall.call(CallState.current(), SyscallNumber.MADVISE, address(), length, MADV_DONTDUMP);
    Syscall.check(result, "madvise(MADV_DONTDUMP)", role);
  }

  /**
   * Where it begins in this process. Good until {@link #close()}, which the user of the number has
   * to see to.
   */
  public long address() {
    return segment.address();
  }

  /** In bytes. */
  public long length() {
    return length;
  }

  /** The memory, bounds-checked, dead after {@link #close()}. */
  public MemorySegment segment() {
    return segment;
  }

  /** Kills the segment, then unmaps; a second call does nothing. Call from the owner only. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    long address = segment.address();
    arena.close(); // throws where another thread is inside an access: nothing is unmapped under it
    closed = true;
    Syscall.call(CallState.current(), SyscallNumber.MUNMAP, address, length, 0);
  }

  @Override
  public String toString() {
    return role + " (" + length + " bytes)";
  }
}
